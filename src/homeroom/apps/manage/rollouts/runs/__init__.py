"""Runs of the planner in the background, and the plan that they write."""
