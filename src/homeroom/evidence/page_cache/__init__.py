"""Tables materialized for pages, memory-mapped."""
