"""Fleet: computers that run osquery, their software with known vulnerabilities, and local users, from its API."""
