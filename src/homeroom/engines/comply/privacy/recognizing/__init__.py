"""Recognizing student data in documents: heading, checksum, roster. No value leaves this package."""
