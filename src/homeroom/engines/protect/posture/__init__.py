"""Assess posture: evaluate every control over every subject in one pass, and weigh the failing ones."""
