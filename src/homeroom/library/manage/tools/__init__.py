"""Content about tools: products with their names, and capabilities."""
