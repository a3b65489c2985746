"""Wazuh 4: alerts, and the vulnerabilities that its detection lists."""
