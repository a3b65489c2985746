"""Active Directory: user accounts on premises, as Get-ADUser's properties are exported to CSV or JSON by PowerShell."""
