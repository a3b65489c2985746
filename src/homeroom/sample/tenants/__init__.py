"""Settings of the sample district's Google and Microsoft tenants."""
