"""Tests of the baseline engine: conditions on settings documents, units that inherit settings, and explanations."""
