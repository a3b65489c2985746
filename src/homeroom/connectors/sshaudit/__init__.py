"""ssh-audit: weak algorithms and vulnerabilities of SSH servers, from its JSON."""
