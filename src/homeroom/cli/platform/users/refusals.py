"""How commands about users refuse: the reason, and where the names are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from homeroom.cli.options import refuse


@contextmanager
def explain_refusals() -> Iterator[None]:
    """Refuse the command if what it does to a user is refused, or there is no such user."""
    from homeroom.apps.platform.districts.memberships import MemberRefused, NoSuchMember

    try:
        yield
    except (MemberRefused, NoSuchMember) as error:
        refuse(f"{error} See: homeroom users list")
