"""Exports of drills: each format becomes events of one shape; what was typed never leaves this package."""
