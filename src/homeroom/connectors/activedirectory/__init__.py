"""Active Directory: user accounts on premises, from Get-ADUser's properties as PowerShell's CSV or JSON."""
