"""NVD: the National Vulnerability Database's records, in its JSON 2.0."""
