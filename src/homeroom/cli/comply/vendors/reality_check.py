"""The command of the reality check: what vendors have beyond what is agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.know.inventory import run_resolve
from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    Today,
    lower_priority,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.domain.comply.privacy.flows import VendorReview

verbs = typer.Typer()


@verbs.command("vendors")
@require_permission("duties.read")
def list_vendors(as_json: Json = False, data: Data = None, district: InDistrict = None, today: Today = None) -> None:
    """List each vendor's product: what is agreed, what was sent and granted, and what goes beyond it."""
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    from homeroom.apps.comply.vendors.queries import VendorsNotResolved, build_vendors_document, list_vendor_reviews
    from homeroom.apps.know.inventory.commands import ResolveBusy

    try:
        run_resolve(context, quiet=as_json)
        reviews = list_vendor_reviews(store=context.store, today=context.today)
    except (VendorsNotResolved, ResolveBusy) as error:
        refuse(str(error))
    if as_json:
        print_json(build_vendors_document(reviews))
        return
    grid = Grid("vendor", "product", "agreement", "children", "beyond it", "cannot tell", box=None, header_style="dim")
    for review in reviews:
        grid.add_row(
            *map(escape, (review.vendor, review.product or "", _describe_agreement(review), f"{review.children:,}")),
            escape(", ".join(entry.element or str(entry.kind) for entry in review.overreach)),
            escape(", ".join(review.cannot_tell)),
        )
    output.print(grid if reviews else "No agreement, no roster sent and no permission of students is known.")


def _describe_agreement(review: VendorReview) -> str:
    return f"{review.state}, until {review.ends_on}" if review.ends_on else str(review.state)
