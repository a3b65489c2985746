"""Reads the shipped content and refuses what does not fit, with file, field and what would fit."""
