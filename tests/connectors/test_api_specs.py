"""Every API spec describes what its connector reads, requests the least access, and meets the quality checklist."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from homeroom.ingest.remote.api_spec import ApiSpec, SyncStart
from homeroom.ingest.remote.urls import parse_origin
from homeroom.library.know.api_specs import find_open_quality_items, get_api_spec, load_api_specs, validate_api_spec
from homeroom.library.know.connectors import PACKAGE
from tests.services.world import BEGINNING

FOLDER = Path(str(resources.files(PACKAGE)))
API_SPECS: dict[str, ApiSpec] = {registered.client.name: registered.client for registered in load_api_specs()}


@pytest.mark.parametrize("name", API_SPECS)
def test_a_client_says_how_to_grant_the_least_and_leaves_nothing_open(name: str) -> None:
    client = API_SPECS[name]
    assert client.grant, "the steps by which an administrator gives the rights"
    assert all(feed.scopes for feed in client.feeds), "the rights that each list takes"
    assert any(field.secret for field in client.settings)
    assert find_open_quality_items(folder=FOLDER, name=get_api_spec(name).connector.name) == ()


@pytest.mark.parametrize("name", API_SPECS)
def test_first_requests_go_over_tls_to_one_host_a_list_and_carry_no_secret(name: str) -> None:
    client = API_SPECS[name]
    entered = {
        field.name: field.default
        or (f"https://{field.name.replace('_', '-')}.example.org/x" if field.address else f"s3cret-{field.name}")
        for field in client.settings
    }
    for feed in client.feeds:
        if feed.first is None:
            continue
        request = feed.first(client.apply_defaults(entered), SyncStart(at=BEGINNING))
        assert parse_origin(request.url)[0] in ("https", "ldaps")
        assert not [secret for secret in client.list_secrets(entered) if secret in str(request)]


def test_a_client_that_does_not_fit_its_manifest_is_refused() -> None:
    api = get_api_spec("oneroster")
    orgs = api.client.get_feed("orgs")
    invalid_feeds = (
        replace(orgs, kind="oneroster.orgs"),
        replace(orgs, first=None),
        replace(orgs, id="x", incremental="delta"),
    )
    problems = validate_api_spec(replace(api, client=replace(api.client, feeds=invalid_feeds)))
    assert [problem.field for problem in problems] == ["orgs.kind", "orgs.first", "x.bookmark", "orgs"]


def test_what_a_client_leaves_open_is_found(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "nmap", tmp_path / "nmap")
    assert [problem.field for problem in find_open_quality_items(folder=tmp_path, name="nmap")] == [
        "rate_limits",
        "scopes",
    ]
