"""Pages of everybody who works in the district: a person's own, below /my."""
