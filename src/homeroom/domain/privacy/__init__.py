"""Privacy: rights over records, and grounds on which they are disclosed."""
