"""Bodies of requests: how large one may be, who may send files, and no NUL in any value.

Nothing of a body is read before it is known who sends it and what the page takes. A page takes files if it is marked
by `mark_file_view` and its code by `accept_files`; any other file is refused before it is written anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from homeroom.apps.know.sources.upload_handlers import TypedTextHandler
from homeroom.web.shared.errors import render_bad_request

ANONYMOUS_BYTES = 64 * 1024
"""Size of a form before its sender is known: a user name and a passphrase."""
FORM_BYTES = 1024**2
"""What a form of many files adds to them: boundaries, names, the token."""
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_READING = ("GET", "HEAD", "OPTIONS", "TRACE")

View = Callable[..., HttpResponseBase]


class NulRefused(SuspiciousOperation):
    """A value has a NUL, which is part of no text and which no database stores."""

    sentence = gettext_lazy("A value has a character that is part of no text (NUL).")


class FileRefusedHere(SuspiciousOperation):
    """A file came with a form that takes none."""

    sentence = gettext_lazy("This page takes no files.")


def _refuse_file(*_: Any, **__: Any) -> NoReturn:
    raise FileRefusedHere("a file was sent to a page that takes none")


class RefuseFiles(FileUploadHandler):
    """Upload handler of every form that takes no files."""

    new_file = _refuse_file


class RequestLimits:
    """Middleware that refuses a body larger than its page takes, by the length that the request states.

    It precedes the check of the form's token, which reads the form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response; refuse a method that no page has, and a NUL in the address or in a cookie."""
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if _has_nul_outside(request):
            return render_bad_request(request, NulRefused())
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, *_: Any) -> HttpResponse | None:
        """Refuse a body that is too large; a view that takes files, or has a limit of its own, does so itself."""
        if request.method in _READING or hasattr(view, "takes_files") or hasattr(view, "max_body_bytes"):
            return None
        is_too_large = read_content_length(request) > choose_most_bytes(request, view)
        return render_bad_request(request, RequestDataTooBig()) if is_too_large else None


class FormValues:
    """Middleware that refuses a NUL in a form. It follows the check of the form's token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, *_: Any) -> HttpResponse | None:
        """Refuse a NUL in the values of a form that was read."""
        is_read = request.method not in _READING and not getattr(view, "csrf_exempt", False)
        if is_read and _has_nul(request.POST):  # of either type of form, empty for any other body
            return render_bad_request(request, NulRefused())
        return None


def choose_most_bytes(request: HttpRequest, view: View) -> int:
    """Return how many bytes a body may have for this view and this visitor."""
    own_limit: int | None = getattr(view, "max_body_bytes", None)
    if own_limit is not None:
        return own_limit
    if not request.user.is_authenticated:
        return ANONYMOUS_BYTES
    if getattr(view, "takes_files", False):
        return int(settings.DROP_MOST_BYTES) + FORM_BYTES
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


def mark_file_view(view: View) -> View:
    """Mark a view of a page as taking files; the token of its form is checked by `accept_files`."""
    marked = csrf_exempt(view)
    marked.takes_files = True  # type: ignore[attr-defined]
    return marked


def accept_files(view: View) -> View:
    """Decorate the code of a view that takes files: it runs for a visitor who may change the page."""

    @wraps(view)
    def check_values(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        if _has_nul(request.POST):
            return render_bad_request(request, NulRefused())
        return view(request, **arguments)

    protected = csrf_protect(check_values)

    @wraps(view)
    def receive_files(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        if request.method in _READING:
            return view(request, **arguments)
        if read_content_length(request) > settings.DROP_MOST_BYTES + FORM_BYTES:
            return render_bad_request(request, RequestDataTooBig())
        request.upload_handlers = [TypedTextHandler(request)]
        return protected(request, **arguments)

    return receive_files


def read_content_length(request: HttpRequest) -> int:
    """Return the content length that the request states, or 0 if it states none."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else 0


def _has_nul_outside(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    cookies: Iterable[str] = request.COOKIES.values() if "\\0" in request.META.get("HTTP_COOKIE", "") else ()
    if "%00" in query or "\0" in query or "\0" in request.path_info or any("\0" in value for value in cookies):
        return True
    return bool(query) and _has_nul(request.GET)  # a charset may decode to what the raw query does not show


def _has_nul(values: Any) -> bool:
    return any("\0" in name or any("\0" in value for value in texts) for name, texts in values.lists())
