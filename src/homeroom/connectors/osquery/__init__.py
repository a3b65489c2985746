"""osquery: agents that report to Homeroom by themselves."""
