"""PowerSchool SIS: students and staff, from Quick Export, Direct Database Export and Data Export Manager."""
