"""Bodies of requests, read by the event loop within limits of size and time, so that a slow sender holds no thread."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import TimeoutError as WaitTimeout
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig

Receive = Callable[[], Awaitable[Mapping[str, Any]]]

SMALL = 64 * 1024
"""Bytes of a body that is read before anybody asks what it is for."""
FREE_SECONDS = 10.0
"""Seconds that any body may take."""
BYTES_PER_SECOND = 64 * 1024
"""Slowest rate of a larger one."""


@dataclass(frozen=True, kw_only=True)
class BodyRule:
    """What a page takes: so many bytes. `is_streamed` if its code reads them as they come, as it does files."""

    most_bytes: int
    is_streamed: bool = False


class BodyLate(Exception):
    """A body did not come in time."""


class BodyLeft(Exception):
    """The sender closed the connection before the end of a body."""


class BodyExceeds(Exception):
    """A body is larger than its reader takes; `start` is what was read of it."""

    def __init__(self, start: bytes) -> None:
        super().__init__()
        self.start = start


class RefusedBody(io.RawIOBase):
    """A body that is not read since it is too large: a page that tries learns why."""

    def read(self, size: int = -1) -> bytes:
        """Raise RequestDataTooBig."""
        raise RequestDataTooBig("the body is larger than the page takes")


class BodyReader:
    """Reads one body, in the event loop."""

    def __init__(self, receive: Receive, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._receive, self._clock = receive, clock
        self._deadline = clock() + seconds
        self.is_ended = False

    def extend(self, seconds: float) -> None:
        """Allow more time."""
        self._deadline += seconds

    async def read_some(self) -> bytes:
        """Return the next bytes, none at the end; raise BodyLate or BodyLeft."""
        if self.is_ended:
            return b""
        try:
            message = await asyncio.wait_for(self._receive(), max(self._deadline - self._clock(), 0))
        except TimeoutError:
            raise BodyLate from None
        if message["type"] != "http.request":
            raise BodyLeft
        self.is_ended = not message.get("more_body", False)
        return bytes(message.get("body", b""))

    async def read_all(self, *, most_bytes: int, start: bytes = b"") -> bytes:
        """Return the whole body with its start; raise BodyExceeds if it has more bytes, BodyLate or BodyLeft."""
        parts, size = [start], len(start)
        while not self.is_ended:
            part = await self.read_some()
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise BodyExceeds(b"".join(parts))
        return b"".join(parts)


class StreamedBody:
    """A body that a thread reads while the event loop receives it. `length` is what its sender stated."""

    def __init__(self, reader: BodyReader, *, loop: asyncio.AbstractEventLoop, length: int) -> None:
        self._reader, self._loop, self._rest = reader, loop, b""
        self._left = length

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; raise OSError if they do not come in time."""
        if not self._rest and self._left > 0:
            self._rest = self._receive()
            self._left -= len(self._rest)
        end = len(self._rest) if size < 0 else size
        part, self._rest = self._rest[:end], self._rest[end:]
        return part

    readline = read  # Django asks for it, and reads no file line by line

    def _receive(self) -> bytes:
        future = asyncio.run_coroutine_threadsafe(self._receive_some(), self._loop)
        try:
            return future.result(timeout=FREE_SECONDS * 100)
        except (BodyLate, BodyLeft, WaitTimeout) as error:
            future.cancel()
            self._left = 0
            raise OSError("the body did not come in time") from error

    async def _receive_some(self) -> bytes:
        while not self._reader.is_ended:
            if part := await self._reader.read_some():
                return part
        raise BodyLeft


def compute_seconds(length: int) -> float:
    """Return how long a body of that length may take."""
    return FREE_SECONDS + length / BYTES_PER_SECOND
