"""Addresses of records in consoles: only fixed hosts or the connected server, whatever an export has as an id."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from homeroom.domain.know.consoles.record_links import HOSTS, RecordLink, explain_link_problem, normalize_server
from homeroom.library.know.connectors import load_connectors

LINKS = [(connector.name, link) for connector in load_connectors() for link in connector.record_links]
GUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
FITTING = {"google": ("104998765432109876543", GUID), "microsoft": (GUID, GUID), "jamf": ("17",), "fleet": ("17",)}
HOSTILE = (
    "",
    "../../evil",
    "17/../../admin",
    "17?x=1",
    "17#y",
    "17\n",
    "javascript:alert(1)",
    "//evil.example/17",
    "17@evil.example",
    "%2e%2e%2f17",
    "١٧",
    f"{GUID}/",
    f"{GUID} ",
    '17"><script>',
    "0" * 400,
)
LINK = RecordLink(table="device_records", title="Jamf Pro", url="{server}/c?id={key}", key=".+", source="none")


def test_every_link_of_a_manifest_builds_an_address_of_its_console() -> None:
    assert {name for name, _ in LINKS} == set(FITTING)
    for name, link in LINKS:
        platform = link.platforms[0] if link.platforms else None
        addresses = [
            link.build_address(key=key, platform=platform, server="https://consoles.example.org")
            for key in FITTING[name]
        ]
        urls = {address for address in addresses if address}
        assert len(urls) == 1
        url = urls.pop()
        assert urlsplit(url).scheme == "https"
        assert urlsplit(url).netloc in {*HOSTS, "consoles.example.org"}


@pytest.mark.parametrize("key", HOSTILE)
def test_an_id_of_another_form_gives_no_link(key: str) -> None:
    for _name, link in LINKS:
        platform = link.platforms[0] if link.platforms else None
        assert link.build_address(key=key, platform=platform, server="https://consoles.example.org") == ""


def test_what_an_id_has_beside_letters_and_digits_is_encoded() -> None:
    url = LINK.build_address(key="a/b?c#d e&f=@..", server="https://jamf.example.org")
    assert url == "https://jamf.example.org/c?id=a%2Fb%3Fc%23d%20e%26f%3D%40.."


@pytest.mark.parametrize(
    "server",
    [
        "",
        "http://jamf.example.org",
        "javascript:alert(1)",
        "https://",
        "https://user@jamf.example.org",
        "https://jamf.example.org:99999",
        "https://jamf.example.org/console",
        "https://jamf.example.org?next=x",
        "https://evil.example\\@jamf.example.org",
        "https://jamf .example.org",
        "jamf.example.org",
    ],
)
def test_a_server_that_is_no_plain_https_host_gives_no_link(server: str) -> None:
    assert normalize_server(server) == ""
    assert LINK.build_address(key="17", server=server) == ""


def test_a_device_of_another_platform_has_no_link() -> None:
    (link,) = [link for name, link in LINKS if name == "jamf" and link.platforms == ("macos",)]
    assert link.build_address(key="17", platform="ios", server="https://jamf.example.org") == ""
    assert link.build_address(key="17", platform=None, server="https://jamf.example.org") == ""
    assert (
        link.build_address(key="17", platform="macos", server="https://jamf.example.org:8443/")
        == "https://jamf.example.org:8443/computers.html?id=17"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://admin.google.com/{key}",
        "https://evil.example/{key}",
        "https://admin.google.com.evil.example/{key}",
        "https://admin.google.com/",
        "{server}.evil.example/{key}",
        "https://admin.google.com/{key}/{key}",
    ],
)
def test_a_manifest_that_leads_elsewhere_is_refused(url: str) -> None:
    assert "would fit" in explain_link_problem({"url": url, "key": "[0-9]+"})
    assert "regular expression" in explain_link_problem({"url": "https://admin.google.com/{key}", "key": "("})
