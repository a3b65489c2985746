"""Google Workspace: users and ChromeOS devices, from GAM's CSV and from the Admin SDK's JSON."""
