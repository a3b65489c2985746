"""Nessus: hosts, their weaknesses and the ports that answered, as a report in its own form (.nessus) has them."""
