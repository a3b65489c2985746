"""Names of tools: by which tool records meet, likely pairs of tools, and what people answer about them."""
