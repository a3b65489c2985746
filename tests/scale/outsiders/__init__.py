"""Small districts written by hand from the vendors' documentation alone, with the findings to expect in each."""
