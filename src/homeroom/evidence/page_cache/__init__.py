"""Read models of pages: tables, states, lists and summaries, materialized in files that are memory-mapped."""
