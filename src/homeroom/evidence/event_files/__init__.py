"""Events on disk: segments of a day, the catalog that names them, and one manifest an event load."""
