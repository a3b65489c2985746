"""What a vendor was given: bundles and sheets counted by element; no value of them is returned."""
