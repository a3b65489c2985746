"""Thorough checks of the evidence on disk, and repair of what is damaged."""
