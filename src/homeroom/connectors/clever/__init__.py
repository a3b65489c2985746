"""Clever's SFTP bundle: schools, students, teachers, staff, sections and enrollments as a SIS sends them to Clever."""
