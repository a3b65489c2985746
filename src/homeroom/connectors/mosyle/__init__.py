"""Mosyle Manager and Mosyle Business: iPads, Macs and other Apple devices, from CSV exports."""
