"""The first run: what only the district can say, asked once, step by step."""
