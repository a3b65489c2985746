"""Refresh plans of a fleet: what is due, what may pay, and which devices are replaced in which fiscal year."""
