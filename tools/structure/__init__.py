"""The structure of the code as docs/architecture.md shows it: wings, areas, and where the parts of each area are."""
