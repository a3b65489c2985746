"""The hash chain of the audit trail: how an entry is hashed, and how a chain is verified."""
