"""OneRoster CSV 1.1 and 1.2: schools, people, classes and enrollments from a student information system."""
