"""The tools of a district: each text of a record belongs to the tool that it names, else to a tool of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from homeroom.domain.tools.names import ToolNames
from homeroom.domain.tools.portfolio import KnownBy, ToolRecord
from homeroom.domain.tools.products import Season, ToolProduct

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class StatedTool:
    """What the district states of a tool; None for what content is to say."""

    name: str
    also: tuple[str, ...] = ()
    does: tuple[str, ...] | None = None
    also_does: tuple[str, ...] | None = None
    season: Season | None = None


@dataclass(kw_only=True)
class ToolEntry:
    """A tool while its records are gathered."""

    id: str
    name: str
    known: KnownBy
    does: frozenset[str] = frozenset()
    also_does: frozenset[str] = frozenset()
    season: Season | None = None
    records: set[ToolRecord] = field(default_factory=set)


class ToolIndex:
    """Tools by what records call them. What the district states replaces content."""

    def __init__(self, products: Iterable[ToolProduct], *, stated: Sequence[StatedTool] = ()) -> None:
        merged, self._stated_ids = merge_stated(tuple(products), stated)
        self.names = ToolNames(merged)
        self.entries: dict[str, ToolEntry] = {}
        self._ids = {product.id for product in merged}
        self._by_software = {name: product for product in merged for name in product.software}
        self._by_bare: dict[str, str] = {}

    def find_known(self, text: str | None) -> ToolProduct | None:
        """Return the product that a text or domain names, or None."""
        written = (text or "").strip()
        if _DOMAIN.fullmatch(written):
            return self.names.find_domain(written) or self.names.find(written)
        return self.names.find(written) if written else None

    def find_software(self, product: str | None) -> ToolProduct | None:
        """Return the product whose program has this id in content/software, or None."""
        return self._by_software.get(product or "")

    def find_contract(self, product: str | None, vendor: str | None) -> ToolProduct | None:
        """Return the product of a contract: by its name, else by the seller's and its name together.

        A seller's name alone names a product only where nothing else is written: two products of one vendor are two.
        """
        if not (product and product.strip()):
            return self.find_known(vendor)
        matched = self.find_known(product)
        if matched is None and vendor:
            together = self.find_known(f"{vendor} {product}")
            matched = together if together is not None and together is not self.find_known(vendor) else None
        return matched

    def add_record(self, record: ToolRecord, *, product: ToolProduct | None, text: str) -> str:
        """Add a record to the tool of a product, else to that of its bare text; return the tool's id."""
        entry = self._add_product(product) if product is not None else self._add_name(text)
        entry.records.add(record)
        return entry.id

    def has_name(self, text: str) -> bool:
        """Check whether a tool of that bare text was added."""
        return self.names.bare(text) in self._by_bare

    def _add_product(self, product: ToolProduct) -> ToolEntry:
        entry = self.entries.get(product.id)
        if entry is None:
            known_by = KnownBy.STATED if product.id in self._stated_ids else KnownBy.CONTENT
            entry = ToolEntry(
                id=product.id,
                name=product.name,
                known=known_by,
                does=product.does,
                also_does=product.also_does,
                season=product.season,
            )
            self.entries[product.id] = entry
        return entry

    def _add_name(self, text: str) -> ToolEntry:
        written = " ".join(text.split())
        bare = self.names.bare(written) or written.casefold()
        if bare not in self._by_bare:
            self._by_bare[bare] = build_tool_id(bare, taken=self._ids)
            self._ids.add(self._by_bare[bare])
        identifier = self._by_bare[bare]
        entry = self.entries.setdefault(identifier, ToolEntry(id=identifier, name=written, known=KnownBy.NAME))
        if (len(written), written) < (len(entry.name), entry.name):
            entry.name = written
        return entry


def build_tool_id(name: str, *, taken: Iterable[str] = ()) -> str:
    """Build the id of a tool from its name: words with dashes, numbered if another tool has it."""
    slug = _SEPARATORS.sub("-", name.casefold()).strip("-") or "tool"
    used = set(taken)
    number = 2
    identifier = slug
    while identifier in used:
        identifier, number = f"{slug}-{number}", number + 1
    return identifier


def merge_stated(
    products: Sequence[ToolProduct], stated: Sequence[StatedTool]
) -> tuple[tuple[ToolProduct, ...], frozenset[str]]:
    """Return the products with what the district states in place of content, and the ids of those stated."""
    by_name = {_fold(name): product for product in reversed(products) for name in product.all_names}
    merged: dict[str, ToolProduct] = {product.id: product for product in products}
    first: dict[str, ToolProduct] = {}
    for tool in stated:
        product = by_name.get(_fold(tool.name))
        if product is None:
            identifier = build_tool_id(tool.name, taken=(*merged, *first))
            product = ToolProduct(id=identifier, name=tool.name)
        first[product.id] = _apply_stated(merged.pop(product.id, first.get(product.id, product)), tool)
    return (*first.values(), *merged.values()), frozenset(first)


def _apply_stated(product: ToolProduct, tool: StatedTool) -> ToolProduct:
    domains = tuple(text for text in tool.also if _DOMAIN.fullmatch(text))
    return replace(
        product,
        names=(*product.names, *(text for text in tool.also if text not in domains)),
        domains=(*product.domains, *domains),
        does=product.does if tool.does is None else frozenset(tool.does),
        also_does=product.also_does if tool.also_does is None else frozenset(tool.also_does),
        season=tool.season or product.season,
    )


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def list_stated(rows: Iterable[Mapping[str, object]]) -> tuple[StatedTool, ...]:
    """List the stated tools of rows of `tool_records`."""
    return tuple(_build_stated(row) for row in rows)


def _build_stated(row: Mapping[str, object]) -> StatedTool:
    def get_texts(name: str) -> tuple[str, ...] | None:
        values = row.get(name)
        return tuple(map(str, values)) if isinstance(values, list) else None

    starts, ends = row.get("season_from"), row.get("season_until")
    return StatedTool(
        name=str(row["name"]),
        also=get_texts("also") or (),
        does=get_texts("does"),
        also_does=get_texts("also_does"),
        season=Season(starts=str(starts), ends=str(ends)) if starts and ends else None,
    )
