"""Rollouts: plans of visits made from a spec, and the documents that carry them."""
