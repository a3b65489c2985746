"""Judging of loaded logs: learn, enrich, detect, correlate, and store what fires."""
