"""The budget: refresh plans of the fleet. A problem in files is planned without a database, on any machine."""
