"""Jamf: the computers and mobile devices of Jamf Pro, and the devices of Jamf School, from their APIs."""
