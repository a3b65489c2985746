"""Commands about people who sign in to their own pages."""

import typer

from homeroom.cli.platform.staff.codes import print_staff_codes
from homeroom.cli.platform.staff.providers import show_staff_sign_in

group = typer.Typer(help="How people sign in to their own pages: Google, Microsoft, and printed codes.")
group.command("sign-in")(show_staff_sign_in)
group.command("codes")(print_staff_codes)
verbs = typer.Typer()
verbs.add_typer(group, name="staff", no_args_is_help=True)
__all__ = ["verbs"]
