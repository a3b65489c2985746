"""Network and vulnerability scans of the sample district."""
