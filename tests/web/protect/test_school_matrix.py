"""Every address that members of some schools open × role × two schools × two districts: no word of another school.

Names are planted in two schools of one district and in the next district. Every page that opens is requested with the
ids of all planted records and with queries that name them; no response may have a word of what is not the member's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from django.test import Client

from homeroom.apps.platform.districts.models import District, Membership
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.permissions.permission import PermissionScope
from homeroom.domain.platform.permissions.table import PERMISSIONS
from tests.apps.know.inventory_queries.sample_inventory import (
    create_account,
    create_device,
    create_student,
    publish_projection,
)
from tests.cast import Cast, create_user
from tests.web.conftest import record_session
from tests.web.platform.test_access import fill_route, iter_url_patterns, list_district_pages

ROLES = ("technician", "privacy", "auditor")


@dataclass(frozen=True, kw_only=True)
class PlantedSchool:
    """A school with a student, their account and their device, whose words are found nowhere else."""

    school: str
    word: str
    number: int

    @property
    def ids(self) -> list[str]:
        return [format_public_id(kind, self.number) for kind in ("person", "account", "device")]

    @property
    def words(self) -> list[str]:
        """Words that only rows of the school have; its own name is no secret."""
        return [self.word, self.word.lower(), f"SN-{self.word}", f"cart-{self.word}"]


CEDAR = PlantedSchool(school="Cedar Middle", word="Quillfeather", number=101)
LINCOLN = PlantedSchool(school="Lincoln Elementary", word="Thistlewood", number=201)
NOWHERE = PlantedSchool(school="", word="Umberhollow", number=301)
NEXT_DOOR = PlantedSchool(school="Cedar Middle", word="Wickersham", number=401)
OF_DISTRICT = (CEDAR, LINCOLN, NOWHERE)


@pytest.fixture
def planted(cast: Cast, morning: object, empty_folder: None) -> Cast:
    """Plant the schools; each device of Cedar and Lincoln has a twin at the other that the same student holds."""
    for row in OF_DISTRICT:
        plant_school(cast.district, row)
    for school, holder in ((CEDAR, LINCOLN), (LINCOLN, CEDAR)):
        create_device(
            cast.district,
            school.number + 1,
            school=school.school,
            holder=holder.number,
            holder_name=f"Kim {holder.word}",
            org_unit="/Lent",
        )
    plant_school(cast.next_district, NEXT_DOOR)
    publish_projection(cast.district)
    publish_projection(cast.next_district)
    return cast


def plant_school(district: District, row: PlantedSchool) -> None:
    name, email = f"Kim {row.word}", f"kim.{row.word.lower()}@maple.example"
    unit = f"/Students/{row.word}"
    create_student(district, row.number, name=name, email=email, school=row.school, sort=row.word.lower())
    create_account(
        district, row.number, person=row.number, name=name, email=email, school=row.school, sort=email, org_unit=unit
    )
    create_device(
        district,
        row.number,
        serial=f"SN-{row.word}",
        cart=f"cart-{row.word}",
        school=row.school,
        holder=row.number,
        holder_name=name,
        org_unit=unit,
    )


def sign_in(cast: Cast, role: str, schools: list[str]) -> Client:
    user = create_user(district=cast.district, username="of-schools", role=role, first_name="Kit", last_name="Rowe")
    Membership.objects.filter(user=user).update(schools=schools)
    client = Client()
    client.force_login(user)
    record_session(client, user=user)
    return client


def iter_addresses() -> Iterator[str]:
    """Yield the addresses that are not of the entire district: lists with each query, and pages of each planted id."""
    pages = [pattern for _, pattern in list_district_pages()]
    for route, pattern in iter_url_patterns():
        scope = PERMISSIONS[pattern.callback.permission].scope if pattern in pages else PermissionScope.DISTRICT
        if scope is PermissionScope.DISTRICT or "GET" not in pattern.callback.methods:
            continue
        if scope is PermissionScope.OWN:
            yield fill_route(route)
        elif "<str:" in route:
            yield from (fill_route(re.sub(r"<str:\w+>", public, route)) for row in OF_DISTRICT for public in row.ids)
        else:
            yield from (f"{fill_route(route)}{query}" for query in list_queries())


def list_queries() -> list[str]:
    searched = [f"?q={row.word}" for row in (CEDAR, LINCOLN)]
    of_schools = [f"?school={quote(row.school)}&sort=school&down=1" for row in (CEDAR, LINCOLN)]
    of_people = [f"?{name}={row.ids[0]}" for name in ("holder", "person") for row in (CEDAR, LINCOLN)]
    return ["", *searched, *of_schools, *of_people]


def read_shown(client: Client, address: str) -> str:
    """Return what a page shows or a file has, without the words that the address itself brought."""
    response = client.get(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = f"{dict(response.headers)}{body.decode()}"
    searched = re.search(r"\?q=(\w+)", address)
    return text if searched is None else re.sub(rf'(value="|["?&;]q=|“){searched[1]}', r"\1", text)


def find_leaks(client: Client, others: list[PlantedSchool]) -> list[tuple[str, str]]:
    words = [word for row in others for word in row.words]
    leaks = []
    for address in iter_addresses():
        shown = read_shown(client, address)
        leaks += [(address, word) for word in words if word in shown]
    return leaks


@pytest.mark.parametrize(
    ("role", "own", "other"), [*((role, CEDAR, LINCOLN) for role in ROLES), ("technician", LINCOLN, CEDAR)]
)
def test_no_address_shows_a_word_of_another_school_or_district(
    planted: Cast, role: str, own: PlantedSchool, other: PlantedSchool
) -> None:
    client = sign_in(planted, role, [own.school])
    assert find_leaks(client, [other, NOWHERE, NEXT_DOOR]) == []
    assert own.ids[0] in read_shown(client, "/people")


def test_who_works_for_all_schools_finds_every_planted_word(planted: Cast) -> None:
    client = sign_in(planted, "technician", [])
    leaks = find_leaks(client, [CEDAR, LINCOLN, NOWHERE, NEXT_DOOR])
    expected = {word for row in OF_DISTRICT for word in row.words}
    assert {word for _, word in leaks} == expected


def test_a_member_of_both_schools_sees_both_and_nothing_else(planted: Cast) -> None:
    client = sign_in(planted, "technician", [CEDAR.school, LINCOLN.school])
    leaks = find_leaks(client, [CEDAR, LINCOLN, NOWHERE, NEXT_DOOR])
    assert {word for _, word in leaks} == {*CEDAR.words, *LINCOLN.words}
