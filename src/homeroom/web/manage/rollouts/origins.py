"""What a rollout is made from: a finding, a list of devices with its filter, or a room; and the rooms of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.http import Http404, QueryDict
from django.utils.translation import gettext, ngettext

from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.apps.know.inventory.queries import InventoryRow, ListQuery, get_page, iter_list_rows, list_rows_of
from homeroom.apps.know.inventory.resources import ResourceDetail, find_resource
from homeroom.apps.manage.rollouts.rooms.class_rooms import list_class_rooms
from homeroom.apps.manage.rollouts.rooms.placed_devices import DevicePlace, PlacedDevices, place_devices
from homeroom.apps.manage.rollouts.rooms.room_lists import ListedRoom
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.school_keys import list_school_keys
from homeroom.apps.protect.posture.rows.subject_states import load_finding_members
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL
from homeroom.web.know.inventory.list_addresses import parse_query_parameters
from homeroom.web.protect.posture.findings import get_finding_or_404
from homeroom.web.shared.access import DistrictRequest

FIELDS = ("finding", "devices", "room")
_COLUMNS = ("school", "location", "cart")
NOWHERE = DevicePlace(school="", location="")


@dataclass(frozen=True, kw_only=True)
class RolloutOrigin:
    """What a rollout is made from: a title for it, and a sentence about the rooms that it gets; empty for none."""

    title: str = ""
    sentence: str = ""


def describe_origin(request: DistrictRequest, form: Mapping[str, str]) -> RolloutOrigin:
    """Describe what a rollout is made from; raise Http404 for what the district does not have."""
    district = request.visit.district
    if form["finding"]:
        finding = get_finding_or_404(district=district, public=form["finding"])[1]
        return RolloutOrigin(
            title=finding.problem,
            sentence=_describe_devices(finding.members) if finding.subject_kind == "device" else "",
        )
    if form["devices"]:
        page = get_page(district=district, query=_parse_devices(form["devices"]), columns=[], rows=1)
        return RolloutOrigin(sentence=_describe_devices(page.count))
    if form["room"]:
        room = _get_room_or_404(district, form["room"])
        values = {"room": room.name, "school": room.values["school"]}
        return RolloutOrigin(sentence=gettext("It begins with the room %(room)s of %(school)s.") % values)
    return RolloutOrigin()


def _describe_devices(count: int) -> str:
    text = ngettext(
        "It begins with the room of %(many)s device; you change the list of rooms in the next step.",
        "It begins with the rooms of %(many)s devices; you change the list of rooms in the next step.",
        count,
    )
    return text % {"many": f"{count:,}"}


def place_origin(request: DistrictRequest, form: Mapping[str, str], *, minutes: int) -> PlacedDevices:
    """Return the rooms of what a rollout is made from; raise Http404 for what the district does not have."""
    district, today = request.visit.district, request.visit.today
    if form["room"]:
        return PlacedDevices(rooms=(_build_room(request, _get_room_or_404(district, form["room"]), minutes),))
    places = [
        DevicePlace(**{name: row.values[name] or "" for name in _COLUMNS}) if row else NOWHERE
        for row in _iter_devices(district, form)
    ]
    return place_devices(places, district=district, minutes=minutes, today=today)


def _iter_devices(district: District, form: Mapping[str, str]) -> Iterator[InventoryRow | None]:
    """Yield the devices of a finding or a list; None for one of a finding that the inventory does not have."""
    if not form["finding"]:
        yield from iter_list_rows(district=district, query=_parse_devices(form["devices"]), columns=_COLUMNS)
        return
    assessment, finding = get_finding_or_404(district=district, public=form["finding"])
    members = load_finding_members(district=district, assessment=assessment, finding_id=finding.id).subjects.tolist()
    count = 0
    for row in list_rows_of(district=district, kind="device", subjects=members, columns=_COLUMNS, schools=EVERY_SCHOOL):
        yield row
        count += 1
    yield from [None] * (len(members) - count)


def _parse_devices(text: str) -> ListQuery:
    return replace(parse_query_parameters(QueryDict(text), LISTINGS["device"], schools=EVERY_SCHOOL), cursor="")


def _get_room_or_404(district: District, public: str) -> ResourceDetail:
    room = find_resource(district=district, store=get_evidence_store(district=district), public=public)
    if room is None or room.kind != "room" or not room.values["school"]:
        raise Http404
    return room


def _build_room(request: DistrictRequest, room: ResourceDetail, minutes: int) -> ListedRoom:
    district, values = request.visit.district, room.values
    school = list_school_keys(district=district).names.get(values["school"].casefold(), values["school"])
    rooms = list_class_rooms(district=district, today=request.visit.today)
    class_room = next((item for item in rooms if (item.school, item.name) == (school, room.name)), None)
    return ListedRoom(
        school=school,
        room=room.name,
        minutes=minutes,
        devices=values["devices"] or 0,
        free=class_room.free if class_room else (),
    )
