"""Who changed or opened what, and when."""
