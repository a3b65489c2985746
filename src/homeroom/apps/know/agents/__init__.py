"""Agents: computers that report by themselves, the queries they get, and their latest answers."""
