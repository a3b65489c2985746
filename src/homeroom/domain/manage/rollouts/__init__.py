"""Rollouts: rings, waves and visits, the rules of a plan, and what a plan costs."""
