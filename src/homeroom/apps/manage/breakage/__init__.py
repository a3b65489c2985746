"""Breakage of devices by age: lists read from a file, and what is estimated from them."""
