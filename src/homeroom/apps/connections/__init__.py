"""Consoles that are asked over the network: how to sign in to them, when, and what came of it."""
