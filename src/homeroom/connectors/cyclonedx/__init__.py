"""CycloneDX: the software components of a system or a product, and the vulnerabilities listed with them."""
