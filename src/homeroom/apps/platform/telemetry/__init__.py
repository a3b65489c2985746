"""Telemetry: what a process records of itself while it runs: request ids, log entries, counters and spans."""
