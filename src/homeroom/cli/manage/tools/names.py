"""The command of the names of tools: likely pairs, and answers about them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.know.tool_names.likely_pairs import PairQueue

verbs = typer.Typer()


@verbs.command("tool-names")
@require_permission("inventory.read_all", change="inventory.answer")
def review_tool_names(
    same: Annotated[str | None, typer.Option("--same", help="The id of a pair that is one tool.")] = None,
    apart: Annotated[str | None, typer.Option("--apart", help="The id of a pair that is two tools.")] = None,
    take_back: Annotated[int | None, typer.Option("--take-back", help="The number of an answer to take back.")] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List pairs of tools that may be one, and answer them; the next resolve joins those that are the same."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.tool_names.answers import UnknownAnswer, UnknownPair, record_answer, revoke_answer
    from homeroom.apps.know.tool_names.likely_pairs import load_pair_queue

    try:
        for pair_id, is_same in ((same, True), (apart, False)):
            if pair_id:
                record_answer(
                    district=context.district,
                    store=context.store,
                    pair_id=pair_id,
                    same=is_same,
                    actor="",
                    at=context.at,
                )
        if take_back is not None:
            revoke_answer(district=context.district, answer=take_back, actor="", at=context.at)
    except (UnknownPair, UnknownAnswer) as error:
        refuse(str(error))
    queue = load_pair_queue(district=context.district, store=context.store)
    if as_json:
        print_json(
            {"pairs": [asdict(pair) for pair in queue.pairs], "answers": [asdict(item) for item in queue.answers]}
        )
    else:
        _print_queue(queue)


def _print_queue(queue: PairQueue) -> None:
    for pair in queue.pairs:
        output.print(f"{pair.id}  {escape(pair.first)} and {escape(pair.second)}: {pair.why}", soft_wrap=True)
    for answer in queue.answers:
        verdict = "one tool" if answer.same else "two tools"
        output.print(
            f"answer {answer.id}  {escape(answer.first)} and {escape(answer.second)} are {verdict}", soft_wrap=True
        )
    if not queue.pairs:
        output.print("No pair of tools waits for an answer.")
