"""testssl.sh: weak TLS settings of a service, from CSV and from JSON, flat or pretty."""
