"""Opt-outs of students: what families keep from being disclosed."""
