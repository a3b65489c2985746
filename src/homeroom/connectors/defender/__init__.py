"""Microsoft Defender for Endpoint: machines and the vulnerabilities found on them, as its API answers."""
