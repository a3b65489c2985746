"""The engine that plans a week."""
