"""Verbs of the wing `platform`: what every district needs to run."""
