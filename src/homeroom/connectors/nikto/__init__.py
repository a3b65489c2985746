"""Nikto: what it noticed on web servers, as its XML and JSON have it."""
