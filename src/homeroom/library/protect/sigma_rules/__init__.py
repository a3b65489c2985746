"""Read Sigma rules: `load_sigma_rules` returns those that run, and the others with their reasons."""

from homeroom.library.protect.sigma_rules.load import load_sigma_rules

__all__ = ["load_sigma_rules"]
