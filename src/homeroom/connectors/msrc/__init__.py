"""MSRC: Microsoft's monthly security updates."""
