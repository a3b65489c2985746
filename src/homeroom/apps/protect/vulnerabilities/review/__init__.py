"""The daily review: which vulnerabilities each device has, and what became of them."""
