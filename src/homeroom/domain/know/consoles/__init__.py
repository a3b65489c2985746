"""What is the same of the consoles of all vendors."""
