"""What a district states of its tools, in place of content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from homeroom.domain.manage.tools.products import Season, ToolProduct

DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
"""Pattern over a text that is a domain."""
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class StatedTool:
    """What the district states of a tool; None for what content is to say."""

    name: str
    also: tuple[str, ...] = ()
    does: tuple[str, ...] | None = None
    also_does: tuple[str, ...] | None = None
    season: Season | None = None


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


def build_tool_id(name: str, *, taken: Iterable[str] = ()) -> str:
    """Build the id of a tool from its name: words with dashes, numbered if another tool has it."""
    slug = _SEPARATORS.sub("-", name.casefold()).strip("-") or "tool"
    used = set(taken)
    number = 2
    identifier = slug
    while identifier in used:
        identifier, number = f"{slug}-{number}", number + 1
    return identifier


def _apply_stated(product: ToolProduct, tool: StatedTool) -> ToolProduct:
    domains = tuple(text for text in tool.also if DOMAIN.fullmatch(text))
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
