"""The ordinary days of a district: what its logs hold when no intruder is about."""
