"""Microsoft School Data Sync, CSV form 2.1: organizations, users, roles, classes, enrollments and relationships."""
