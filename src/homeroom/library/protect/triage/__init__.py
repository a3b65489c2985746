"""Content of triage: how urgent an alert is."""
