"""Text to typed values: dates, addresses, device types, locations."""
