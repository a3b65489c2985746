"""Risk exceptions: findings and vulnerabilities that somebody answers for until a date, with a reason."""
