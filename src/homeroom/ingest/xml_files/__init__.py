"""Streaming of XML elements without entities or network."""
