"""DuckDB sessions over pinned files, with deadlines and a cache."""
