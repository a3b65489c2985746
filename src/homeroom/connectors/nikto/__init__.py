"""Nikto: findings on web servers, from its XML and JSON."""
