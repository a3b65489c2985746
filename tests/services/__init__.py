"""Consoles on this machine: small servers that follow the vendors' published pages, for testing clients.

A module here that defines `console(world)` is discovered: `tests/scale/test_consoles.py` tests its client under every
fault. A console is built from the vendor's schema and never from our client.
"""
