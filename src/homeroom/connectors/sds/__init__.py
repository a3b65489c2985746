"""Microsoft School Data Sync, CSV form 2.1: organisations, users, roles, classes, enrollments and relationships."""
