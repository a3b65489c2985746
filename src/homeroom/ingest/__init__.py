"""What a connector is, and the strict door that every file passes."""
