"""First-run setup: facts that only the district knows, entered once, step by step."""
