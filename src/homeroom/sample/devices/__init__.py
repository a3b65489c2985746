"""Devices of the sample district and their exports."""
