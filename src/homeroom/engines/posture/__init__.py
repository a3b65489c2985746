"""Judging: every control over every subject in one pass, and what the failing ones weigh."""
