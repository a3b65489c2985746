"""Awareness: drills, training and good practice asked of people."""
