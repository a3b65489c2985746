"""The stages of a load."""
