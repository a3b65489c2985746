"""Students and staff of the sample district and their accounts."""
