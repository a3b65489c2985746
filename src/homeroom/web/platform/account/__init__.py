"""Signing in and out, and what belongs to the visitor's own account."""

IN_VISITOR_LANGUAGE = True
