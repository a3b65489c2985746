"""The baseline engine: conditions over settings documents, units with inheritance, verdicts in words."""
