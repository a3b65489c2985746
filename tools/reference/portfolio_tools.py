"""The reference pages of tools and capabilities, from content/tools and content/capabilities."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.domain.manage.tools.capabilities import Capability
from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.library.manage.tools.capability_files import load_capabilities
from homeroom.library.manage.tools.product_files import load_tool_products

CAPABILITIES = """# Capabilities

What a tool can do for a district ([tools](../manage/tools.md)). A group of them is a file in `content/capabilities/`:
`id`, `title`, and `capabilities`, each with

| key | value |
|---|---|
| `id` | small letters, digits and hyphens |
| `title` | what a tool with it does, as a statement |
| `audience` | `students`, `staff`, `everybody`, `computers`, `chromebooks`, `tablets` or `district` |
| `needed` | why each district needs it; missing where it is a choice |
| `controls`, `goals`, `laws` | ids of what asks for it; at least one where it is needed |
| `words` | other words for it, such as the purposes of a list of coverage |
"""
TOOLS = """# Tools

The products that Homeroom knows by name ([tools](../manage/tools.md)). A group of them is a file
in `content/tools/`: `id`, `title`, and `tools`, each with

| key | value |
|---|---|
| `id` | small letters, digits and hyphens |
| `name`, `vendor` | what people call it, and who sells it |
| `names` | other names that find it anywhere in a text, as whole words |
| `not_names` | near names that are something else: `Khan Academy Kids` is not Khan Academy |
| `short_names` | names that count only where a text has no other word of a name: `Loom`, not `weaving loom` |
| `domains`, `extension_ids`, `client_ids` | its domains, Chrome extensions and OAuth clients |
| `does`, `also_does` | [capabilities](capabilities.md) it is bought for, and that come with it; may be missing |
| `season` | `{from: MM-DD, to: MM-DD}`, where it is used in a part of the year |
| `software` | ids of `content/software` that are its program |
| `source`, `checked_on` | the product's own page, and when it was read; without a day the facts are recalled |
| `is`, `is_not` | texts that must name it, and near ones that must not |
"""


def render_pages() -> dict[str, str]:
    """Render a page of capabilities and a page of tools."""
    return {
        "capabilities.md": "\n".join([CAPABILITIES, *_render_capabilities()]),
        "tools.md": "\n".join([TOOLS, *_render_tools()]),
    }


def _render_capabilities() -> Iterator[str]:
    yield "| capability | what it does | for | needed because | asked by |"
    yield "|---|---|---|---|---|"
    yield from (_render_capability(capability) for capability in load_capabilities())


def _render_capability(capability: Capability) -> str:
    asking = ", ".join(f"`{name}`" for name in (*capability.controls, *capability.goals, *capability.laws))
    needed = capability.needed or ""
    return f"| `{capability.id}` | {capability.title} | {capability.audience} | {needed} | {asking} |"


def _render_tools() -> Iterator[str]:
    products = load_tool_products()
    yield f"There are {len(products)}.\n"
    yield "| tool | vendor | does | also does | source |"
    yield "|---|---|---|---|---|"
    yield from (_render_product(product) for product in sorted(products, key=lambda row: row.name.casefold()))


def _render_product(product: ToolProduct) -> str:
    does, also_does = (", ".join(f"`{name}`" for name in sorted(names)) for names in (product.does, product.also_does))
    checked = f", {product.checked_on}" if product.checked_on else ""
    return f"| {product.name} | {product.vendor} | {does} | {also_does} | <{product.source}>{checked} |"
