"""Endpoints for machines: no session, no page, JSON in and out; each call has its own secret or key."""
