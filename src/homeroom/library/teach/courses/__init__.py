"""Courses as content: a folder for each, checked as a set of files."""
