"""The doors for machines: no session, no page, JSON in and out; each call shows a secret or a key of its own."""
