"""One module a report: each has a KIND, and is found by being here."""
