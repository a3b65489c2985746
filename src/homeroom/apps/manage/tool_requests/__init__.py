"""Requests to use a tool: who asks, for which class, the check of the tool, the decision, and what is approved."""
