"""The sample district as a command: created, checked and served, with records of every wing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.cli.options import CommandContext, Json, errors, output, print_json, start_command
from homeroom.cli.platform.serving import Port, check_port_free, serve_in_new_program
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.cli.teach.awareness.demo_teacher import DemoTeacher

verbs = typer.Typer()

DEMO_STUDENTS, DEMO_SEED = 2000, 7
DEMO_NAME = "Maple Valley Unified (invented)"


@verbs.command()
@require_permission("installation.operate")
def demo(
    serve_it: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the pages once the district is assessed.")
    ] = True,
    port: Port = 8000,
    as_json: Json = False,
    data: Annotated[
        str | None, typer.Option("--data", help="A folder for the demo alone; else a folder beside your data folder.")
    ] = None,
) -> None:
    """Create a sample district in its own folder, check it and serve it."""
    from homeroom.evidence.files.data_folder import get_demo_folder

    if serve_it:
        check_port_free("127.0.0.1", port)
    context = start_command(data=data or str(get_demo_folder()), kind="demo")
    accounts = create_demo(context, quiet=as_json)
    teacher = _provide_teacher(context)
    address = f"http://127.0.0.1:{port}"
    if as_json:
        print_json({"address": address, "sign_ins": accounts, "teacher": _describe_teacher(teacher, address)})
    else:
        output.print(f"\nThe demo district is ready. Address: [bold]{address}[/]\n\nSign in as:")
        for account in accounts:
            output.print(f"  {account['username']:<12} {account['passphrase']}", highlight=False)
        if teacher is not None:
            output.print(f"\nOr as {teacher.name}, a teacher, on their own page: [bold]{address}{teacher.page}[/]")
            output.print(f"  {teacher.email}  {teacher.code}  (works once, for seven days)", highlight=False)
    if serve_it:
        from django.conf import settings

        serve_in_new_program(Path(settings.DATA), port=port)


def _provide_teacher(context: CommandContext) -> DemoTeacher | None:
    from homeroom.cli.teach.awareness.demo_teacher import provide_demo_teacher

    return provide_demo_teacher(context)


def _describe_teacher(teacher: DemoTeacher | None, address: str) -> dict[str, str] | None:
    if teacher is None:
        return None
    page = f"{address}{teacher.page}"
    return {"name": teacher.name, "email": teacher.email, "address": page, "code": teacher.code}


def create_demo(context: CommandContext, *, quiet: bool) -> list[dict[str, str]]:
    """Create the sample district as of the context's day, check it, and return its sign-ins."""
    from homeroom.apps.platform.districts.commands import create_demo_accounts, rename_district
    from homeroom.apps.platform.districts.queries import get_district
    from homeroom.apps.protect.detection.judging.judge_district import judge_district
    from homeroom.apps.protect.fixes.demo_exports import store_demo_exports
    from homeroom.apps.teach.courses.training_records import load_training_records
    from homeroom.cli.comply.privacy.demo_records import record_demo_loads, record_demo_requests
    from homeroom.cli.know.inventory import run_resolve
    from homeroom.cli.know.loads import print_report
    from homeroom.cli.know.sources import run_load
    from homeroom.cli.protect.posture import run_assessment
    from homeroom.cli.teach.awareness.demo_records import record_demo_coach, record_demo_courses, record_demo_trial
    from homeroom.sample import generate_sample
    from homeroom.sample.demo_awareness import write_demo_drills
    from homeroom.sample.demo_privacy import write_demo_privacy
    from homeroom.sample.fortnights.demo import write_demo_logs

    with tempfile.TemporaryDirectory(prefix="homeroom-sample-") as folder, tempfile.TemporaryDirectory() as office:
        errors.print("Making the sample district…")
        generate_sample(Path(folder), students=DEMO_STUDENTS, seed=DEMO_SEED, today=context.today)
        store_demo_exports(Path(folder))
        write_demo_logs(Path(folder) / "logs", sample=Path(folder), today=context.today)
        files = write_demo_privacy(Path(office), sample=Path(folder), today=context.today)
        drills = write_demo_drills(Path(office) / "drills", sample=Path(folder), today=context.today)
        paths = [Path(folder), files.shared_files, *drills.files]
        report = run_load(context, paths, source=None, scope=None, approved=True, quiet=quiet, invented=True)
        record_demo_loads(context, files)
        run_resolve(context, quiet=quiet)
        record_demo_requests(context, files)
        record_demo_courses(context)
        load_training_records(
            district=context.district, store=context.store, today=context.today, actor="director", at=context.at
        )
        run_resolve(context, quiet=quiet)
        record_demo_trial(context, drills)
    # After the load, whose facts name the invented district as if it were a real one.
    rename_district(district=context.district, name=DEMO_NAME, timezone="America/Chicago")
    if not quiet:
        print_report(report)
    run_assessment(context, quiet=quiet)
    judge_district(district=get_district(slug=context.district.slug), store=context.store, at=context.at)
    accounts = create_demo_accounts(district=context.district)
    record_demo_coach(context)
    return [
        {"username": account.username, "passphrase": account.passphrase, "role": account.role} for account in accounts
    ]
