"""Counting the clocks of laws: which duty applies to a case, and by when it is due."""
