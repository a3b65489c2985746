"""Links from devices, accounts and people to their records in the consoles of vendors."""
