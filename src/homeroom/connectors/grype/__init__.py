"""Grype: known flaws of the packages in a container image, a folder or an SBOM."""
