"""Fix files: what a console does in bulk about a finding, reviewed before it leaves, and proved by the next load."""
