"""OneRoster CSV 1.1 and 1.2: the roster of schools, people, classes and enrolments that a student information system exports."""
