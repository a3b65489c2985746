"""Blobs, manifests and snapshots on disk."""
