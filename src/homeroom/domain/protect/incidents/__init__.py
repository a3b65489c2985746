"""Incidents: alerts of one intrusion with what people did about it, and the playbooks that they follow."""
