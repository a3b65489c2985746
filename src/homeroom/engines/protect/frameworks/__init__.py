"""Compute a district's compliance with a framework: what is measured, what is attested, what is unknown."""
