"""sslscan: what is weak in the encryption of a service, as its XML has it."""
