"""Vulnerabilities of each device: reports of other tools, and feeds applied to the installed versions."""
