"""Bytes of a file: source, encoding, line ends, prefetching."""
