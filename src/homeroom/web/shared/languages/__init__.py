"""The language of pages: what a visitor chose, and which pages follow it."""
