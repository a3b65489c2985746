"""From text columns to canonical rows, with rejects."""
