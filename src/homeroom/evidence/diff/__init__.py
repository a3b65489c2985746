"""Differences between snapshots of a table, and the scope that a load covers."""
