"""Fix files: bulk changes for a finding, reviewed before release and verified by later loads."""
