"""Ed-Fi XML interchanges: organisations, courses, sessions, sections, staff, pupils and their enrolments."""
