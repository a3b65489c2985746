"""CycloneDX: the software that a system or a product is made of, and flaws that are listed with it."""
