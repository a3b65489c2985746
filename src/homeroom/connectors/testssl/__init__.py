"""testssl.sh: what is weak in the encryption of a service, as CSV and as JSON, flat or pretty."""
