"""Compatibility of devices with what a product needs: fits, blocked, or not known."""
