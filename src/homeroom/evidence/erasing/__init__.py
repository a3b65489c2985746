"""Erase a person from evidence: from every partition, derived table, departed row, reject, hash and event."""
