"""What a search shows beside inventory: open findings by what is wrong, and pages by their titles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from homeroom.apps.protect.posture.published.finding_search import (
    FindingMatches,
    has_words,
    search_findings,
    split_words,
)
from homeroom.domain.platform.district import District
from homeroom.web.platform.settings_hub import SETTINGS, list_open_links
from homeroom.web.shared.access import Visit
from homeroom.web.shared.navigation import NavItem, is_area_seen, list_area_pages, list_nav_items

MAX_FINDINGS = 15
MAX_PAGES = 6


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """A page that a search names: its title, the area or group that it belongs to, and its address."""

    title: str
    area: str
    url: str


def match_findings(visit: Visit, *, district: District, text: str) -> FindingMatches:
    """Return the open findings that a text names; none for who may not see findings."""
    if not visit.holds("posture.read"):
        return FindingMatches()
    return search_findings(district=district, text=text, limit=MAX_FINDINGS)


def match_pages(visit: Visit, *, text: str) -> tuple[PageLink, ...]:
    """Return the pages whose titles have all words of a text, among those that the visitor may open."""
    words = split_words(text)
    if not words:
        return ()
    matches = {link.url: link for link in _iter_pages(visit) if has_words(split_words(link.title), words)}
    return tuple(matches.values())[:MAX_PAGES]


def _iter_pages(visit: Visit) -> Iterator[PageLink]:
    for area, nav_item in list_nav_items():
        if not is_area_seen(area, nav_item, holds=visit.holds):
            continue
        yield _build_link(nav_item, "")
        for _module, item in list_area_pages(area):
            if item.is_seen(visit.holds):
                yield _build_link(item, str(nav_item.title))
    for group, links in SETTINGS:
        for link in list_open_links(visit, links):
            yield PageLink(title=str(link["title"]), area=str(group), url=link["url"])


def _build_link(item: NavItem, area: str) -> PageLink:
    return PageLink(title=str(item.title), area=area, url=reverse(item.name))
