"""Aging by school and cost of ownership: what is in support, what breaks first, and what devices cost."""
