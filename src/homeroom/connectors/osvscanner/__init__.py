"""OSV-Scanner: known vulnerabilities of the packages that a lock file, an SBOM or an image lists."""
