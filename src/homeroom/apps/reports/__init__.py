"""Proof to hand over: what stands, written for a board, an insurer, a principal or the next meeting."""
