"""The tools of a district: each text of a record belongs to the tool that it names, else to a tool of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from homeroom.domain.manage.tools.portfolio import KnownBy, ToolRecord
from homeroom.domain.manage.tools.products import Season, ToolProduct
from homeroom.domain.manage.tools.stated_tools import StatedTool, build_tool_id
from homeroom.domain.manage.tools.tool_finder import ToolFinder


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


class ToolIndex(ToolFinder):
    """Tools by what records call them. What the district states replaces content."""

    def __init__(
        self,
        products: Iterable[ToolProduct],
        *,
        stated: Sequence[StatedTool] = (),
        same: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(products, stated=stated, same=same)
        self.entries: dict[str, ToolEntry] = {}
        self._ids = {product.id for product in self.names.products}
        self._by_bare: dict[str, str] = {}

    def add_record(self, record: ToolRecord, *, product: ToolProduct | None, text: str) -> str:
        """Add a record to the tool of a product, else to that of its bare text; return the tool's id."""
        entry = self._add_product(product) if product is not None else self._add_name(text)
        entry.records.add(record)
        return entry.id

    def has_name(self, text: str) -> bool:
        """Check whether a tool of that bare text was added."""
        return self.bare(text) in self._by_bare

    def _add_product(self, product: ToolProduct) -> ToolEntry:
        entry = self.entries.get(product.id)
        if entry is None:
            known_by = KnownBy.STATED if product.id in self.stated_ids else KnownBy.CONTENT
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
        bare = self.bare(written)
        if bare not in self._by_bare:
            self._by_bare[bare] = build_tool_id(bare, taken=self._ids)
            self._ids.add(self._by_bare[bare])
        identifier = self._by_bare[bare]
        entry = self.entries.setdefault(identifier, ToolEntry(id=identifier, name=written, known=KnownBy.NAME))
        if (len(written), written) < (len(entry.name), entry.name):
            entry.name = written
        return entry


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
