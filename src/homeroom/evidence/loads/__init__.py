"""Publishing, holding and undoing loads."""
