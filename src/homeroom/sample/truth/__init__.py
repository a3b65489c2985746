"""What is true of the sample district, written beside its exports."""
