"""The first line of Today while an alert is open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.domain.protect.control_states import Severity
from tests.cast import Cast
from tests.web.protect.alerts.alert_rows import create_alert
from tests.web.protect.alerts.test_queue import get_text

ClientFactory = Callable[[str], Client]


@pytest.mark.usefixtures("empty_folder")
def test_open_alerts_come_before_all_else_the_most_urgent_by_title(as_: ClientFactory, cast: Cast):
    for number, title in enumerate(("First", "Second", "Third"), start=1):
        create_alert(cast.district, number, title=title, severity=list(Severity)[number - 1])
    text = get_text(as_("technician"), "/")
    assert "3 alerts need you : First; Second; and 1 more" in text
    assert text.index("3 alerts need you") < text.index("Thursday, January 15")
    assert "need you" not in get_text(as_("stranger"), "/")


@pytest.mark.usefixtures("empty_folder")
def test_what_somebody_looks_after_is_no_call_and_what_is_done_or_low_no_line(as_: ClientFactory, cast: Cast):
    create_alert(cast.district, 1, severity=Severity.LOW)
    create_alert(cast.district, 2, state="closed", verdict="real")
    client = as_("technician")
    before = get_text(client, "/")
    assert "needs you" not in before
    assert "open alert" not in before
    create_alert(cast.district, 3, state="acknowledged", acknowledged_by="technician", title="Mine")
    assert "1 open alert is assigned : Mine" in get_text(client, "/")
