"""Web pages; each view calls one query or one command."""
