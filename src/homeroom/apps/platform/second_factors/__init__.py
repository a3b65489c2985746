"""2-step verification of users: passkeys, authenticator apps, recovery codes, linked accounts, and who needs them."""
