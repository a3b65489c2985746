"""OpenSCAP: rules that a computer fails, as XCCDF results have them."""
