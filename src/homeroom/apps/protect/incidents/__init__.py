"""Incidents: what people did about alerts of one intrusion, with its events, files, decisions and moments."""
