"""Reports for a board, an insurer, a principal or a meeting, from the published assessment."""
