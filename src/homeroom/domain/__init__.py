"""Core types of the domain as small frozen values.

Standard library only.
"""
