"""Agents: computers that report by themselves, what they are asked, and what they answered last."""
