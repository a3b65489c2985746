"""The verb that resolves: one person, one account, one device."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    Started,
    Today,
    begin,
    give_way,
    output,
    print_json,
    progress_bar,
    refuse,
)

if TYPE_CHECKING:
    from homeroom.apps.inventory.commands import ResolveReport

verbs = typer.Typer()
# What is printed of a question and of an answer: no keys, which may be a pupil's number.
_ASKED = ("id", "kind", "one", "other", "bits", "why")
_SAID = ("id", "kind", "same", "actor")


@verbs.command()
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
    started = begin(data=data, district=district, today=today)
    give_way()
    if same or apart or take_back is not None:
        _said(started, same=same, apart=apart, take_back=take_back)
    if doubtful:
        _doubtful(started, as_json=as_json)
        return
    if explain:
        _explain(started, explain, as_json=as_json)
        return
    report = resolved(started, quiet=as_json)
    if out is not None:
        _write_links(started, out)
    if as_json:
        print_json(asdict(report))
    else:
        output.print(
            f"{report.people:,} people, {report.accounts:,} accounts, {report.devices:,} devices; "
            f"{report.opened:,} rows new or changed, {report.closed:,} replaced or gone"
        )


def resolved(started: Started, *, quiet: bool) -> ResolveReport:
    """Resolves with a progress bar."""
    from homeroom.apps.inventory.commands import resolve as command

    with progress_bar(quiet=quiet) as progress:
        return command(
            district=started.district, store=started.store, today=started.today, at=started.at, progress=progress
        )


def _write_links(started: Started, out: Path) -> None:
    from homeroom.apps.inventory.commands import links_out
    from homeroom.evidence.blobs import write_file

    write_file(out.resolve(), b"".join(msgspec.json.encode(line) + b"\n" for line in links_out(started.store)))


def _explain(started: Started, public: str, *, as_json: bool) -> None:
    from homeroom.apps.inventory.commands import NothingResolved
    from homeroom.apps.inventory.commands import explain as command

    try:
        found = command(district=started.district, store=started.store, public=public)
    except (NothingResolved, ValueError) as why:
        refuse(str(why))
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        output.print("  ".join(f"{name}: {value}" for name, value in asdict(one).items()), soft_wrap=True)


def _said(started: Started, *, same: str | None, apart: str | None, take_back: int | None) -> None:
    from homeroom.apps.inventory import decisions

    try:
        for question, said in ((same, True), (apart, False)):
            if question:
                decisions.decide(
                    district=started.district,
                    store=started.store,
                    question=question,
                    same=said,
                    actor="",
                    at=started.at,
                )
        if take_back is not None:
            decisions.take_back(district=started.district, decision=take_back, actor="", at=started.at)
    except (decisions.NoSuchQuestion, decisions.NoSuchDecision) as why:
        refuse(str(why))


def _doubtful(started: Started, *, as_json: bool) -> None:
    from homeroom.apps.inventory.reviewing import queue

    found = queue(district=started.district, store=started.store)
    if as_json:
        asked = [{name: getattr(one, name) for name in _ASKED} for one in found.questions]
        print_json(
            {"questions": asked, "answers": [{name: getattr(one, name) for name in _SAID} for one in found.said]}
        )
        return
    for one in found.questions:
        output.print(f"{one.id}  {one.kind}: {one.one} and {one.other}, {one.bits} bits: {one.why}", soft_wrap=True)
    for said in found.said:
        output.print(f"answer {said.id}  {said.kind}: {'the same' if said.same else 'not the same'}", soft_wrap=True)
    if not found.questions:
        output.print("Nothing is doubtful.")
