"""Ed-Fi XML interchanges: organizations, courses, sessions, sections, staff, students and their enrollments."""
