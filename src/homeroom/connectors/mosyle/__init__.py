"""Mosyle Manager and Mosyle Business: iPads, Macs and other Apple devices, as their device lists are exported to CSV."""
