"""What a district's tools are worth: joined by name, with overlaps, gaps, hollow tools and renewals."""
