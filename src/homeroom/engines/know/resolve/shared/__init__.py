"""SQL, rules and small tables that several steps of resolving use."""
