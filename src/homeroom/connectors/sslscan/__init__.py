"""sslscan: weak TLS settings of a service, from its XML."""
