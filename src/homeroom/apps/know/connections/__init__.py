"""Connections to consoles over the network: their credentials, schedules and sync results."""
