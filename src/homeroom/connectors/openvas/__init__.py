"""OpenVAS and Greenbone: hosts and their weaknesses, as a report has them in XML or CSV."""
