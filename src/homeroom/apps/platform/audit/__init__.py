"""The audit trail: who changed or opened what, and when."""
