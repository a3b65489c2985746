"""Connectors, and the strict readers that every file passes on its way into the evidence store."""
