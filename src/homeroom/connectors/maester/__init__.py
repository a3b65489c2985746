"""Maester: what its tests say of a Microsoft 365 tenant or an Active Directory."""
