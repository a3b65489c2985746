"""Settings of Google and Microsoft tenants: results, findings and history."""
