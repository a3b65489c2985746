"""Strict reading of JSON documents and streams."""
