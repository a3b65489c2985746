"""What checks and benches the house, itself checked."""
