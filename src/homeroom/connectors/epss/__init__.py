"""EPSS: the probability that each vulnerability is exploited within thirty days."""
