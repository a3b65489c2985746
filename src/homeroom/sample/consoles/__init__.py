"""Exports of the consoles of the sample district."""
