"""Canaries of a district: made, planted, tested and retired on a page, and watched beside those of files."""
