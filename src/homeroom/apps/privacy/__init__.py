"""People's rights over their records: requests, disclosures and opt-outs of students."""
