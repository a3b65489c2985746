"""Grype: known vulnerabilities of the packages in a container image, a folder or an SBOM."""
