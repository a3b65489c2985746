"""Trials of training: planned, drawn by lot, started, and ended with a verdict."""
