"""The benchmark of tools: the portfolio of a large district."""
