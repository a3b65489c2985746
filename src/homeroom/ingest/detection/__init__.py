"""Which system a file comes from: sniffing, matching kinds, building packages."""
