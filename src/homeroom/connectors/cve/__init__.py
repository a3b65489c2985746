"""CVE: the records of the CVE Program, as cvelistV5 gives them."""
