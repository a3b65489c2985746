"""OSV: advisories about packages in the Open Source Vulnerability format."""
