"""OpenVAS and Greenbone: hosts and their vulnerabilities, from a report in XML or CSV."""
