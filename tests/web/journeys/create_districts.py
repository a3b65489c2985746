"""Create two districts and the cast in a new data folder: `python -m tests.web.journeys.create_districts DATA`."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import msgspec

from homeroom.cli.options import prepare_data_folder

DISTRICT, NEXT_DISTRICT = "cedar-bluff", "next-door"
CAST = {
    "director": (DISTRICT, "director"),
    "technician": (DISTRICT, "technician"),
    "privacy": (DISTRICT, "privacy"),
    "auditor": (DISTRICT, "auditor"),
    "stranger": (NEXT_DISTRICT, "director"),
}


def main(data: str) -> None:
    """Create the districts and users, and print all passphrases by name."""
    prepare_data_folder(data=data, district=DISTRICT)
    from homeroom.apps.platform.districts.commands import create_district, create_user, rename_district
    from homeroom.apps.platform.districts.queries import get_district

    create_district(slug=NEXT_DISTRICT, name="Next Door Schools", timezone="America/Chicago")
    rename_district(district=get_district(slug=DISTRICT), name="Cedar Bluff Unified", timezone="America/Chicago")
    passphrases = {name: secrets.token_urlsafe(18) for name in CAST}
    for name, (slug, role) in CAST.items():
        create_user(district=get_district(slug=slug), username=name, role=role, passphrase=passphrases[name])
    _open_incident()
    _write_request()
    sys.stdout.write(msgspec.json.encode(passphrases).decode())


def _open_incident() -> None:
    """Let the first district work on an incident with a file, so that its pages are tried."""
    from homeroom.apps.platform.districts.queries import get_district
    from homeroom.apps.protect.incidents.commands import make_incident
    from homeroom.apps.protect.incidents.respond import attach_file

    acts: dict[str, Any] = {"district": get_district(slug=DISTRICT), "actor": "technician", "at": datetime.now(UTC)}
    public = make_incident(title="A teacher called", severity="medium", text="Mail that she did not write.", **acts)
    attach_file(public=public, name="mail.eml", content=BytesIO(b"From: nobody@example.org"), note="", **acts)


def _write_request() -> None:
    """Let the first district have a request with a letter, so that its pages are tried."""
    from homeroom.apps.comply.privacy.requests.commands import NamedFile, RequestForm, receive_request
    from homeroom.apps.platform.districts.queries import get_district

    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    receive_request(
        district=get_district(slug=DISTRICT),
        form=RequestForm(kind="access", requester="A parent", student_text="A child who left"),
        letter=NamedFile(name="letter.txt", content=BytesIO(b"Please.")),
        today=at.date(),
        actor="privacy",
        at=at,
    )


if __name__ == "__main__":
    main(sys.argv[1])
