"""Wazuh 4: alerts, and the weaknesses that its vulnerability detection lists."""
