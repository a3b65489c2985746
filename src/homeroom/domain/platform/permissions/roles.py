"""Roles of users in a district, and groups of them."""

from __future__ import annotations

from typing import Final

DIRECTOR: Final = "director"
TECHNICIAN: Final = "technician"
PRIVACY: Final = "privacy"
AUDITOR: Final = "auditor"
PERSON: Final = "person"

TEAM: Final = frozenset({DIRECTOR, TECHNICIAN})
"""Who carries out the technology team's work."""
PRIVACY_TEAM: Final = frozenset({DIRECTOR, PRIVACY})
"""Who answers for the privacy of records."""
EDITORS: Final = TEAM | PRIVACY_TEAM
"""Who changes something in the office: all but auditors."""
OFFICE: Final = EDITORS | {AUDITOR}
"""Who reads the pages of the office."""
EVERYBODY: Final = OFFICE | {PERSON}
"""All roles: a member of staff has the role person, who opens only their own pages."""
ROLE_NAMES: Final = (DIRECTOR, TECHNICIAN, PRIVACY, AUDITOR, PERSON)
"""All roles, in the order of the columns of a table."""
