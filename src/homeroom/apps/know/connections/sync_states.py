"""How the connections of all districts are: for whoever monitors the installation, never for a page."""

from __future__ import annotations

from collections import Counter

from django.db.models import OuterRef, Subquery

from homeroom.apps.know.connections.models import Connection, Sync

NEVER = "never"


def count_connections_by_state() -> dict[tuple[str, ...], float]:
    """Return the number of connections by (short name of the district, state of the newest sync of lists).

    A connection that was never read is `never`.
    """
    newest = Sync.everywhere.filter(connection=OuterRef("pk"), logs=False).order_by("-made_at", "-pk")
    rows = Connection.everywhere.annotate(newest_state=Subquery(newest.values("state")[:1]))
    pairs = rows.values_list("district__slug", "newest_state")
    return dict(Counter((slug, state or NEVER) for slug, state in pairs))
