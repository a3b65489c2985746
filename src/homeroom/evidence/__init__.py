"""What the district's systems said, kept as immutable columns, and the questions over it."""
