"""Zip archives, compressed files and workbooks."""
