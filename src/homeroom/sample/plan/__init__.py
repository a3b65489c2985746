"""The plan of the sample district: schools, rooms, staff, calendar."""
