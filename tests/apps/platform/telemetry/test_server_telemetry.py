"""A real server with two web processes and a worker, driven with planted names, numbers and secrets.

Requests, jobs and failures are in the logs, the metrics and the traces, joined by their ids, and nothing planted is in
any of them, although everything is logged that can be.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from homeroom.evidence.files.log_file import ACCESS, CRASHES, EVENTS, read_entries
from tests.data_folders import prepare_data_folder
from tests.sample_server import ROOT, find_free_port, wait_until
from tests.services.otlp_collector import OtlpCollector, run_collector

TOKEN = "token-of-the-monitor-7d1f0c55"
PLANTED = (
    "Zebulon", "Quackenbush", "zquackenbush", "078-05-1120", "0780511 20", "planted-passphrase-91", "198.51.100.77",
    "planted-enroll-secret", "PlantedSchool", TOKEN,
)  # fmt: skip
ROSTER = (
    "user_id,Password,First Name,Last Name,SSN\n"
    "1,planted-passphrase-91,Zebulon,Quackenbush,078-05-1120\n"
    '2,"planted-passphrase-91,Zebulon,Quackenbush\n'
)
CREATE_DIRECTOR = """
import django; django.setup()
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District, Membership, User
create_district(slug="maple-valley", name="PlantedSchool Unified")
user = User.objects.create_user("zquackenbush", password="planted-passphrase-91", first_name="Zebulon")
Membership.objects.create(district=District.objects.get(), user=user, role="director")
"""


@dataclass(frozen=True)
class DrivenServer:
    """What a server left behind, and what it answered before it ended."""

    data: Path
    errors: str
    metrics: str
    refused: tuple[int, int]
    upload_id: str
    collector: OtlpCollector

    def read(self, log: str) -> list[dict[str, Any]]:
        return list(read_entries(self.data, log))

    def read_logs(self) -> str:
        return "".join(path.read_text() for path in (self.data / "logs").glob("*.log"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrivenServer]:
    folder = tmp_path_factory.mktemp("telemetry")
    data, port = prepare_data_folder(folder / "data"), find_free_port()
    with run_collector() as collector, (folder / "errors.txt").open("wb") as errors:
        environment = {
            **os.environ,
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
            "HOMEROOM_DATA": str(data),
            "HOMEROOM_LOG": "DEBUG",
            "HOMEROOM_METRICS_TOKEN": TOKEN,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "OTEL_SERVICE_NAME": "tried",
        }
        subprocess.run([sys.executable, "-c", CREATE_DIRECTOR], cwd=ROOT, env=environment, check=True)
        command = [sys.executable, "-m", "homeroom", "serve", "--port", str(port), "--processes", "2"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=errors, stdout=subprocess.DEVNULL)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                upload_id = _drive(client, process, data)
                wait_until(lambda: any(span.name == "load_job" for span in collector.list_spans()))
                metrics = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
                wrong = client.get("/metrics", headers={"Authorization": "Bearer planted-passphrase-91"})
                refused = (client.get("/metrics").status_code, wrong.status_code)
        finally:
            process.terminate()
            process.wait(timeout=60)
        yield DrivenServer(
            data=data,
            errors=(folder / "errors.txt").read_text("utf-8", "replace"),
            metrics=metrics,
            refused=refused,
            upload_id=upload_id,
            collector=collector,
        )


def _drive(client: httpx.Client, process: subprocess.Popen[bytes], data: Path) -> str:
    """Do what people and strangers do, with planted values in each place; return the id of the upload's request."""

    def is_answering() -> bool:
        assert process.poll() is None
        try:
            return client.get("/sign-in").status_code == 200
        except httpx.TransportError:
            return False

    wait_until(is_answering, seconds=120)
    for _ in range(6):  # both processes answer some of them
        client.get("/healthz", headers={"X-Forwarded-For": "198.51.100.77", "X-Request-ID": "078-05-1120"})
    client.get("/people/Zebulon-Quackenbush?q=078-05-1120", headers={"Referer": "http://x/Quackenbush"})
    client.get("/Quackenbush/078-05-1120")
    client.get("/sign-in", headers={"Host": "quackenbush.zquackenbush.test"})
    client.post(
        "/d/maple-valley/osquery/enroll", json={"enroll_secret": "planted-enroll-secret", "host_identifier": "Zebulon"}
    )
    client.post("/osquery/enroll", content=b'{"enroll_secret": "planted-enroll-secret" Zebulon')
    _sign_in(client, "Quackenbush wrong 078-05-1120")
    assert _sign_in(client, "planted-passphrase-91").status_code == 302
    for path in ("/people?q=Zebulon", "/?x=078-05-1120", "/audit?actor=zquackenbush", "/d/Quackenbush/people"):
        client.get(path)
    page = client.get("/sources/drop").text
    files = [
        ("files", ("Quackenbush 078-05-1120.csv", ROSTER.encode(), "text/csv")),
        ("files", ("Zebulon.zip", b"PK\x03\x04 Quackenbush", "application/zip")),
        ("files", ("Zebulon.xlsx", b"PK\x03\x04 Quackenbush", "application/zip")),
    ]
    form = {"csrfmiddlewaretoken": _find_token(page), "source": "Quackenbush"}
    response = client.post("/sources/drop", data=form, files=files)
    assert response.status_code == 302, response.text
    wait_until(lambda: any(entry["event"] == "job" for entry in read_entries(data, EVENTS)), seconds=120)
    return response.headers["X-Request-ID"]


def _sign_in(client: httpx.Client, passphrase: str) -> httpx.Response:
    token = _find_token(client.get("/sign-in").text)
    form = {"csrfmiddlewaretoken": token, "username": "zquackenbush", "password": passphrase}
    return client.post("/sign-in?next=/people%3Fq%3DZebulon", data=form)


def _find_token(page: str) -> str:
    match = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert match is not None
    return match[1]


def read_samples(metrics: str) -> dict[tuple[str, str], float]:
    """Return the samples of a scrape by name and labels, as Prometheus' own parser reads them."""
    return {
        (sample.name, " ".join(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
    }


@pytest.mark.parametrize("value", PLANTED)
def test_no_log_metric_or_span_has_a_planted_value(server: DrivenServer, value: str) -> None:
    spans = b"".join(server.collector.bodies).decode("utf-8", "replace")
    places = {"logs": server.read_logs(), "standard error": server.errors, "metrics": server.metrics, "spans": spans}
    assert [name for name, text in places.items() if value.lower() in text.lower()] == []
    assert all(len(text) > 500 for name, text in places.items() if name != "standard error")


def test_requests_of_both_processes_are_in_one_log_by_route(server: DrivenServer) -> None:
    entries = server.read(ACCESS)
    routes = {(entry["route"], entry["status"]) for entry in entries}
    assert {("/people", 200), ("(none)", 404), ("/sign-in", 302), ("/metrics", 401), ("/healthz", 200)} <= routes
    assert all(re.fullmatch(r"[0-9a-f]{32}", entry["request_id"]) for entry in entries)
    users = {entry.get("user", "") for entry in entries if (entry["route"], entry["status"]) == ("/people", 200)}
    assert len(users) == 1
    assert re.fullmatch("[0-9a-f]{16}", users.pop())


def test_the_job_of_an_upload_has_the_id_and_the_trace_of_its_request(server: DrivenServer) -> None:
    (job,) = [entry for entry in server.read(EVENTS) if entry["event"] == "job"]
    assert (job["job"], job["outcome"], job["request_id"]) == ("load_job", "done", server.upload_id)
    spans = server.collector.list_spans()
    (upload,) = [span for span in spans if span.attributes.get("homeroom.request_id") == server.upload_id]
    (load,) = [span for span in spans if span.name == "load_job"]
    assert (load.trace_id, load.parent_id) == (upload.trace_id, upload.span_id)
    assert job["trace_id"] == upload.trace_id
    assert {span.service for span in spans} == {"tried"}
    assert sum(span.events for span in spans) == 0, "an event of a span could hold the text of an error"
    assert set(server.collector.paths) == {"/v1/traces"}


def test_a_scrape_adds_up_the_processes_and_agrees_with_the_log(server: DrivenServer) -> None:
    samples, entries = read_samples(server.metrics), server.read(ACCESS)
    for route, status in (("/people", 200), ("/healthz", 200), ("/sources/drop", 302), ("(none)", 404)):
        methods = {entry["method"] for entry in entries if (entry["route"], entry["status"]) == (route, status)}
        logged = sum((entry["route"], entry["status"]) == (route, status) for entry in entries)
        counted = sum(samples["homeroom_requests_total", f"{method} {route} {status}"] for method in methods)
        assert counted == logged > 0, (route, status)
    assert samples["homeroom_job_runs_total", "load_job done"] == 1
    assert samples["homeroom_loads", "done"] + samples["homeroom_loads", "refused"] == 1
    assert samples["homeroom_worker_well", ""] == 1
    assert samples["homeroom_database_bytes", "default"] > 100_000
    assert samples["homeroom_jobs", "ready"] == 0
    assert ("homeroom_backup_age_seconds", "") not in samples


def test_metrics_are_for_whoever_has_the_token(server: DrivenServer) -> None:
    assert server.refused == (401, 401)


def test_a_request_that_is_refused_is_an_event_and_no_crash(server: DrivenServer) -> None:
    assert server.read(CRASHES) == []
    assert any(entry.get("logger") == "django.security.DisallowedHost" for entry in server.read(EVENTS))
