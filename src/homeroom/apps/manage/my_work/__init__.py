"""The work of a person, or of the team, from findings, the weekly plan and fix files."""
