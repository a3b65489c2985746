"""Pure computation: a session or Arrow tables in, records or Arrow tables out."""
