"""Every client describes what its connector reads, asks for the least, and leaves nothing open that a district relies on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from homeroom.ingest.remote.addresses import origin_of
from homeroom.ingest.remote.client import Client, Start
from homeroom.library.clients import client_named, clients, misfits_of, unready
from homeroom.library.connectors import PACKAGE
from tests.services.world import BEGINNING

FOLDER = Path(str(resources.files(PACKAGE)))
CLIENTS: dict[str, Client] = {one.client.name: one.client for one in clients()}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_says_how_to_grant_the_least_and_leaves_nothing_open(name: str) -> None:
    client = CLIENTS[name]
    assert client.grant, "the steps by which an administrator gives the rights"
    assert all(feed.scopes for feed in client.feeds), "the rights that each list takes"
    assert any(field.secret for field in client.settings)
    assert unready(folder=FOLDER, name=client_named(name).connector.name) == ()


@pytest.mark.parametrize("name", CLIENTS)
def test_first_requests_go_over_tls_to_one_host_a_list_and_carry_no_secret(name: str) -> None:
    client = CLIENTS[name]
    entered = {
        field.name: field.default or (f"https://{field.name.replace('_', '-')}.example.org/x" if field.address else f"s3cret-{field.name}")
        for field in client.settings
    }  # fmt: skip
    for feed in client.feeds:
        if feed.first is None:
            continue
        request = feed.first(client.complete(entered), Start(at=BEGINNING))
        assert origin_of(request.url)[0] in ("https", "ldaps")
        assert not [secret for secret in client.secrets(entered) if secret in str(request)]


def test_a_client_that_does_not_fit_its_manifest_is_refused() -> None:
    found = client_named("oneroster")
    orgs = found.client.feed("orgs")
    wrong = (
        replace(orgs, kind="oneroster.orgs"),
        replace(orgs, first=None),
        replace(orgs, id="x", incremental="delta"),
    )
    problems = misfits_of(replace(found, client=replace(found.client, feeds=wrong)))
    assert [problem.field for problem in problems] == ["orgs.kind", "orgs.first", "x.bookmark", "orgs"]


def test_what_a_client_leaves_open_is_found(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "nmap", tmp_path / "nmap")
    assert [problem.field for problem in unready(folder=tmp_path, name="nmap")] == ["rate_limits", "scopes"]
