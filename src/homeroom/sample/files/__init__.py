"""Writers of the vendors' file formats."""
