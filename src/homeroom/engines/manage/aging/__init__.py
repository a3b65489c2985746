"""Aging by school: devices in support for each student, what a school lacks for more, and what devices cost."""
