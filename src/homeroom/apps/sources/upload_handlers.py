"""Django's handler of uploads that may be stored: what people typed in a drill is taken out while files arrive."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler

from homeroom.ingest.drills.typed_text import TypedTextRemover


class TypedTextHandler(TemporaryFileUploadHandler):
    """Upload handler of forms that take files: text that people typed in a drill is left out before it is written."""

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
