"""The provably best plan of a small rollout."""
