"""Privacy: people's rights over their records, and loose student data."""
