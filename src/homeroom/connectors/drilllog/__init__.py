"""The drill log of Homeroom: events of phishing drills, a JSON object a line."""
