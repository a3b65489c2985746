"""Consoles on this machine: small servers that speak as the vendors' published pages say, for clients to be tried against.

A module here that offers `console(world)` is found by being there: `tests/scale/test_consoles.py` tries its client under every
fault. A console is made from the vendor's schema and never from our client.
"""
