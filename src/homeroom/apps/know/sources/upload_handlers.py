"""Django's handler of uploads that may be stored: what people typed in a drill is taken out while files arrive."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler

from homeroom.ingest.drills.typed_text import TypedTextRemover

MAX_NAME_BYTES, MAX_EXTENSION_BYTES = 200, 20


class TypedTextHandler(TemporaryFileUploadHandler):
    """Upload handler of forms that take files: text that people typed in a drill is left out before it is written."""

    def _begin_file(self, field_name: str, file_name: str, *arguments: Any, **options: Any) -> None:
        """Begin a file, by a name that the disk takes: the extension is part of the temporary one."""
        super().new_file(field_name, trim_file_name(file_name), *arguments, **options)

    new_file = _begin_file

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what may be stored of a chunk."""
        if start == 0:
            self._remover = TypedTextRemover()
        self.file.write(self._remover.receive(raw_data))

    def _complete_file(self, file_size: int) -> Any:
        """Return the file with its own size, which differs where something was left out."""
        if file_size:
            self.file.write(self._remover.finish())
        return TemporaryFileUploadHandler.file_complete(self, self.file.tell())

    file_complete = _complete_file


def trim_file_name(name: str) -> str:
    """Return a name of at most 200 bytes in UTF-8, which each file system takes; the extension stays."""
    encoded = name.encode("utf-8", "replace")
    if len(encoded) <= MAX_NAME_BYTES:
        return name
    _, dot, extension = encoded.rpartition(b".")
    end = dot + extension if len(extension) <= MAX_EXTENSION_BYTES else b""
    return (encoded[: MAX_NAME_BYTES - len(end)] + end).decode("utf-8", "ignore")
