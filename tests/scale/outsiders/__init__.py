"""Small districts written by hand from the vendors' documentation alone, and what is wrong in each."""
