"""Maester: test results for a Microsoft 365 tenant or an Active Directory."""
