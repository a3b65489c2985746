"""What resolving derives from matched records: people, accounts, devices, software, links."""
