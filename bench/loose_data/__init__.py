"""Loose student data: a generator of documents with planted data and near-misses, and what a scan makes of them."""
