"""Windows computers' event logs."""
