"""Software products, their names, and the order of their versions."""
