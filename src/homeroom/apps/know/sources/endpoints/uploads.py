"""Uploads: files of another machine become a job, as those that are dropped on the page; its progress and result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from homeroom.apps.platform.endpoints.endpoint import Caller, CallRefused, Endpoint, Line, Number

if TYPE_CHECKING:
    from homeroom.apps.know.sources.queries import LoadJobView

MAX_OPEN_JOBS = 20
"""Uploads of a district that may wait for the worker; a push beyond them comes back later."""
UPLOAD_COST = 20
_BAD, _MISSING, _TOO_LARGE, _LATER = 400, 404, 413, 429


@dataclass(frozen=True, kw_only=True)
class PushParameters:
    """`source` names the source, where one product has several tenants."""

    source: Line = ""


@dataclass(frozen=True, kw_only=True)
class UploadParameters:
    """The number of an upload."""

    number: Number


@dataclass(frozen=True, kw_only=True)
class UploadFile:
    """One file of an upload as it arrived."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class UploadDocument:
    """An upload: `state` is waiting, running, done, refused or failed; `result` lists packages and refusals."""

    number: int
    state: str
    step: str
    done: int
    total: int
    made_at: datetime
    finished_at: datetime | None
    files: tuple[UploadFile, ...]
    result: dict[str, Any]


def _push(caller: Caller, parameters: PushParameters) -> UploadDocument:
    from homeroom.apps.know.sources.drops import drop_files

    _check_uploads(caller)
    number = drop_files(
        caller.uploads,
        district=caller.district,
        actor=caller.actor,
        at=caller.now,
        source=parameters.source.strip(),
    )
    return _get_upload(caller, UploadParameters(number=number))


def _check_uploads(caller: Caller) -> None:
    """Raise CallRefused for uploads that are not taken."""
    from django.conf import settings

    from homeroom.apps.know.sources.queries import count_open_jobs

    if settings.DEMO:
        raise CallRefused("this is the demo: real files never share its data folder")
    if not caller.uploads:
        raise CallRefused("no file came; send each in a field with the name files", status=_BAD)
    if len(caller.uploads) > settings.DROP_MOST_FILES:
        reason = f"at most {settings.DROP_MOST_FILES} files at once; put them into one zip file"
        raise CallRefused(reason, status=_TOO_LARGE)
    if sum(int(upload.size or 0) for upload in caller.uploads) > settings.DROP_MOST_BYTES:
        raise CallRefused(f"at most {settings.DROP_MOST_BYTES:,} bytes at once", status=_TOO_LARGE)
    if count_open_jobs(district=caller.district) >= MAX_OPEN_JOBS:
        raise CallRefused("many uploads wait to be loaded; try again in a few minutes", status=_LATER)


def _get_upload(caller: Caller, parameters: UploadParameters) -> UploadDocument:
    from homeroom.apps.know.sources.queries import find_job

    job = find_job(district=caller.district, number=parameters.number)
    if job is None:
        raise CallRefused(f"there is no upload {parameters.number}", status=_MISSING)
    return _describe_upload(job)


def _describe_upload(job: LoadJobView) -> UploadDocument:
    return UploadDocument(
        number=job.id,
        state=job.state,
        step=job.step,
        done=job.done,
        total=job.total,
        made_at=job.made_at,
        finished_at=job.finished_at,
        files=tuple(UploadFile(name=file["name"], bytes=file["bytes"], sha256=file["sha256"]) for file in job.files),
        result=dict(job.result),
    )


PUSH_FILES = Endpoint(
    name="pushFiles",
    method="POST",
    path="uploads",
    title="Push exports: they are loaded in the background, and what removes many records waits for a person.",
    permission="sources.load",
    parameters=PushParameters,
    result=UploadDocument,
    run=_push,
    takes_files=True,
    cost=UPLOAD_COST,
)
GET_UPLOAD = Endpoint(
    name="getUpload",
    method="GET",
    path="uploads/{number}",
    title="Show the progress of an upload, then its result.",
    permission="sources.load",
    parameters=UploadParameters,
    result=UploadDocument,
    run=_get_upload,
)
ENDPOINTS = (PUSH_FILES, GET_UPLOAD)
