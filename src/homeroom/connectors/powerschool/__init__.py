"""PowerSchool SIS: pupils and staff, as its Quick Export, Direct Database Export and Data Export Manager write them."""
