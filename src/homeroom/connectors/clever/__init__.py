"""Clever's SFTP bundle: schools, students, teachers, staff, sections and enrollments from a SIS."""
