"""Tests of courses: assignments, answers, completions, policies, class lessons and training records."""
