"""Nmap: hosts and their ports, as one scan found them (-oX)."""
