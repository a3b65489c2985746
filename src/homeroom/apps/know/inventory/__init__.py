"""The current people, accounts and devices, and the ledger of their ids."""
