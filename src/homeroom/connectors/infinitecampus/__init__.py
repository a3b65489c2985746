"""Infinite Campus: pupils and staff, as Ad Hoc exports and data extracts write them."""
