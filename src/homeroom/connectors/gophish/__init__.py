"""gophish: campaigns of phishing drills with their events, over its API and as exports."""
