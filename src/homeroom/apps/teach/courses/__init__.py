"""Courses for staff: assignments, answers, completions, policies that are signed, and lessons taught to classes."""
