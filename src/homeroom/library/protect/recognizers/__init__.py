"""Recognizers of student data, read from content and proven by their examples."""
