"""Log events, as detection rules judge them."""
