"""Lists that the sample district maintains by hand."""
