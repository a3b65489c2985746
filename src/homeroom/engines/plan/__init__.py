"""The plan: which jobs fit the hours of one week, chosen by exact optimisation."""
