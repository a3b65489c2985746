"""Microsoft Defender for Endpoint: machines and the vulnerabilities found on them, from its API."""
