"""Tests of the laws of a district."""
