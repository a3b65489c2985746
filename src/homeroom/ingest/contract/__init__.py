"""What a connector declares and what reading a file can report."""
