"""The command that resolves records to people, accounts and devices."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    lower_priority,
    output,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.know.inventory.commands import ResolveReport

verbs = typer.Typer()
# Printed fields of a question and of an answer: no keys, which may be a student's number.
_QUESTION_FIELDS = ("id", "kind", "one", "other", "bits", "why")
_ANSWER_FIELDS = ("id", "kind", "same", "actor")


@verbs.command()
@require_permission("installation.operate")
def resolve(
    out: Annotated[
        Path | None, typer.Option("--out", help="Write links.jsonl: one subject with its records a line.")
    ] = None,
    explain: Annotated[str | None, typer.Option("--explain", help="Say why the records of this id are one.")] = None,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="List the pairs that a person should decide, and the answers that stand.")
    ] = False,
    same: Annotated[
        str | None, typer.Option("--same", help="Answer the question of this id: they are the same.")
    ] = None,
    apart: Annotated[str | None, typer.Option("--apart", help="Answer the question of this id: they are not.")] = None,
    take_back: Annotated[
        int | None, typer.Option("--take-back", help="Take back the answer of this number; --doubtful lists them.")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Decide which records are the same person, account and device. An answer that is given here counts at once."""
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    if same or apart or take_back is not None:
        _store_answer(context, same=same, apart=apart, take_back=take_back)
    if doubtful:
        _print_uncertain_matches(context, as_json=as_json)
        return
    if explain:
        _print_explanation(context, explain, as_json=as_json)
        return
    report = run_resolve(context, quiet=as_json)
    if out is not None:
        _write_links(context, out)
    if as_json:
        print_json(asdict(report))
    else:
        output.print(
            f"{report.people:,} people, {report.accounts:,} accounts, {report.devices:,} devices; "
            f"{report.opened:,} rows new or changed, {report.closed:,} replaced or gone"
        )


def run_resolve(context: CommandContext, *, quiet: bool) -> ResolveReport:
    """Resolve with a progress bar."""
    from homeroom.apps.know.inventory.commands import resolve as command

    with show_progress_bar(quiet=quiet) as progress:
        return command(
            district=context.district, store=context.store, today=context.today, at=context.at, progress=progress
        )


def _write_links(context: CommandContext, out: Path) -> None:
    from homeroom.apps.know.inventory.commands import export_links
    from homeroom.evidence.files.blobs import write_file

    write_file(out.resolve(), b"".join(msgspec.json.encode(line) + b"\n" for line in export_links(context.store)))


def _print_explanation(context: CommandContext, public: str, *, as_json: bool) -> None:
    from homeroom.apps.know.inventory.commands import NotResolved
    from homeroom.apps.know.inventory.commands import explain_subject as command

    try:
        records = command(district=context.district, store=context.store, public=public)
    except (NotResolved, ValueError) as error:
        refuse(str(error))
    if as_json:
        print_json([asdict(record) for record in records])
        return
    for record in records:
        output.print("  ".join(f"{name}: {value}" for name, value in asdict(record).items()), soft_wrap=True)


def _store_answer(context: CommandContext, *, same: str | None, apart: str | None, take_back: int | None) -> None:
    from homeroom.apps.know.inventory import decisions

    try:
        for question, is_same in ((same, True), (apart, False)):
            if question:
                decisions.record_decision(
                    district=context.district,
                    store=context.store,
                    review_id=question,
                    same=is_same,
                    actor="",
                    at=context.at,
                )
        if take_back is not None:
            decisions.revoke_decision(district=context.district, decision=take_back, actor="", at=context.at)
    except (decisions.UnknownMatchReview, decisions.UnknownDecision) as error:
        refuse(str(error))


def _print_uncertain_matches(context: CommandContext, *, as_json: bool) -> None:
    from homeroom.apps.know.inventory.match_review import load_review_queue

    review_queue = load_review_queue(district=context.district, store=context.store)
    if as_json:
        questions = [{name: getattr(entry, name) for name in _QUESTION_FIELDS} for entry in review_queue.reviews]
        print_json(
            {
                "questions": questions,
                "answers": [
                    {name: getattr(entry, name) for name in _ANSWER_FIELDS} for entry in review_queue.decisions
                ],
            }
        )
        return
    for entry in review_queue.reviews:
        output.print(
            f"{entry.id}  {entry.kind}: {entry.one} and {entry.other}, {entry.bits} bits: {entry.why}", soft_wrap=True
        )
    for answer in review_queue.decisions:
        output.print(
            f"answer {answer.id}  {answer.kind}: {'the same' if answer.same else 'not the same'}", soft_wrap=True
        )
    if not review_queue.reviews:
        output.print("Nothing is doubtful.")
