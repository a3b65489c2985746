"""Machines that look at mail, from content/awareness/*.yaml: networks and programs, each with its source."""

from __future__ import annotations

from datetime import date
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from homeroom.domain.teach.awareness.machines import KnownMachines, KnownNetwork, KnownProgram, NetworkKind
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
)

FOLDER = "awareness"
KINDS = ", ".join(NetworkKind)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="networks", type=list, fits="a list of networks, each with id, title, kind, networks, source"),
    ContentField(name="programs", type=list, fits="a list of programs, each with id, title, agents, source"),
)
_COMMON: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="small letters, digits and hyphens"),
    ContentField(name="title", type=str, fits="what it is called"),
    ContentField(name="source", type=str, fits="where its maker or a test publishes it"),
    ContentField(name="checked_on", type=date, fits="the day on which the source was read", required=False),
)
NETWORK_FIELDS: tuple[ContentField, ...] = (
    *_COMMON,
    ContentField(name="kind", type=str, fits=KINDS),
    ContentField(name="networks", type=list, fits="networks such as 192.0.2.0/24"),
)
PROGRAM_FIELDS: tuple[ContentField, ...] = (
    *_COMMON,
    ContentField(name="agents", type=list, fits="words of its user agent"),
)


@cache
def load_machines(directory: Path = BUILTIN_CONTENT) -> KnownMachines:
    """Load all known machines; raise ContentRefused with all problems."""
    paths = sorted((directory / FOLDER).glob("*.yaml"))
    loaded, problems = load_files(paths, lambda path: _load_file(path, directory))
    machines = KnownMachines(
        networks=tuple(network for item in loaded for network in item.networks),
        programs=tuple(program for item in loaded for program in item.programs),
    )
    if problems:
        raise ContentRefused(problems, valid=[machines])
    return machines


def _load_file(path: Path, directory: Path) -> KnownMachines:
    raw, file = load_yaml(path, root=directory), get_relative_name(path, directory)
    problems = validate_fields(raw, FIELDS, file=file)
    if problems:
        raise ContentRefused(problems)
    for name, fields in (("networks", NETWORK_FIELDS), ("programs", PROGRAM_FIELDS)):
        for number, entry in enumerate(raw[name], start=1):
            problems += validate_fields(entry, fields, file=file, under=f"{name}.{number}.")
    if problems:
        raise ContentRefused(problems)
    networks = [_build_network(entry, file, problems) for entry in raw["networks"]]
    programs = [_build_program(entry) for entry in raw["programs"]]
    if problems:
        raise ContentRefused(problems)
    return KnownMachines(networks=tuple(networks), programs=tuple(programs))


def _build_program(entry: dict[str, Any]) -> KnownProgram:
    return KnownProgram(
        id=entry["id"],
        title=entry["title"],
        agents=tuple(map(str, entry["agents"])),
        source=entry["source"],
        checked_on=entry.get("checked_on"),
    )


def _build_network(entry: dict[str, Any], file: str, problems: list[ContentProblem]) -> KnownNetwork:
    networks: list[IPv4Network | IPv6Network] = []
    field = f"networks.{entry['id']}"
    for text in entry["networks"]:
        try:
            networks.append(ip_network(str(text)))
        except ValueError:
            message = f"{text} is no network; one such as 192.0.2.0/24 would fit"
            problems.append(ContentProblem(file=file, field=field, message=message))
    is_kind = entry["kind"] in tuple(NetworkKind)
    if not is_kind:
        problems.append(ContentProblem(file=file, field=f"{field}.kind", message=f"{KINDS} would fit"))
    return KnownNetwork(
        id=entry["id"],
        title=entry["title"],
        kind=NetworkKind(entry["kind"]) if is_kind else NetworkKind.SCANNER,
        networks=tuple(networks),
        source=entry["source"],
        checked_on=entry.get("checked_on"),
    )
