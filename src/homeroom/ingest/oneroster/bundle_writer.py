"""The members of a bundle as files in a folder or in one zip, with the manifest that lists them."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from homeroom.evidence.files.blobs import open_owner_only, rename_durably
from homeroom.ingest.oneroster.bundle_reader import MANIFEST
from homeroom.ingest.oneroster.serialization import VERSION
from homeroom.ingest.oneroster.spec import VERSIONS

_END = "\r\n"
_MEMBERS = {MANIFEST, *(member.file for members in VERSIONS.values() for member in members)}
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)  # a fixed one: the same rows are the same zip


@contextmanager
def write_bundle_folder(members: Mapping[str, pl.DataFrame], *, parent: Path) -> Iterator[Path]:
    """Write the bundle's files to a new folder below `parent`, for its owner alone.

    It is removed unless it was moved.
    """
    folder = Path(tempfile.mkdtemp(prefix=".homeroom-", dir=parent))
    try:
        _write_text(folder / MANIFEST, _format_manifest(members))
        for name, rows in members.items():
            with open(folder / f"{name}.csv", "xb", opener=open_owner_only) as file:
                rows.write_csv(file, line_terminator=_END, quote_style="necessary")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish_bundle(folder: Path, *, out: Path) -> tuple[Path, ...]:
    """Move the files of a written bundle to their destination: into a zip if the name ends so, else a folder.

    Return the paths that were written. Each file appears complete and replaces an older one; members that the bundle no
    longer has are removed. Raise FileExistsError if the folder holds anything else, and OSError.
    """
    files = sorted(folder.iterdir(), key=lambda file: (file.name != MANIFEST, file.name))
    if out.suffix.lower() == ".zip":
        packed = folder / "bundle.zip"
        with (
            open(packed, "xb", opener=open_owner_only) as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle,
        ):
            for file in files:
                entry = zipfile.ZipInfo(file.name, date_time=_ZIP_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with file.open("rb") as source, bundle.open(entry, "w", force_zip64=True) as member:
                    shutil.copyfileobj(source, member, 1 << 20)
        rename_durably(packed, out)
        return (out,)
    out.mkdir(parents=True, exist_ok=True)
    existing = set(out.iterdir())
    if foreign_files := sorted(path.name for path in existing if path.name not in _MEMBERS):
        raise FileExistsError(f"{out} holds {foreign_files[0]}, which is no part of a bundle; name a new folder")
    for path in existing - {out / file.name for file in files}:
        path.unlink()
    for file in files:
        rename_durably(file, out / file.name)
    return tuple(out / file.name for file in files)


def _format_manifest(members: Mapping[str, pl.DataFrame]) -> str:
    modes = [f"file.{member.name},{'bulk' if member.name in members else 'absent'}" for member in VERSIONS[VERSION]]
    lines = [
        "propertyName,value",
        "manifest.version,1.0",
        f"oneroster.version,{VERSION}",
        *modes,
        "source.systemName,Homeroom",
    ]
    return _END.join(lines) + _END


def _write_text(path: Path, text: str) -> None:
    with open(path, "xb", opener=open_owner_only) as file:
        file.write(text.encode())
