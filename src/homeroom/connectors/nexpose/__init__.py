"""Nexpose and InsightVM: nodes, their ports and their vulnerabilities, as an XML Export has them."""
