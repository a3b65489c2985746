"""endoflife.date: how long each release of a product is supported."""
