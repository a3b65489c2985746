"""The members of a bundle as files in a folder or in one zip, with the manifest that says what is there."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from homeroom.evidence.blobs import owners_alone, put_in_place
from homeroom.ingest.oneroster.members import VERSIONS
from homeroom.ingest.oneroster.opening import MANIFEST
from homeroom.ingest.oneroster.written import VERSION

_END = "\r\n"
_MEMBERS = {MANIFEST, *(member.file for members in VERSIONS.values() for member in members)}
_MOMENT = (2020, 1, 1, 0, 0, 0)  # a fixed one: the same rows are the same zip


@contextmanager
def unpacked(members: Mapping[str, pl.DataFrame], *, beside: Path) -> Iterator[Path]:
    """A new folder with the bundle's files, for its owner alone, beside a place; it goes when it was not moved there."""
    folder = Path(tempfile.mkdtemp(prefix=".homeroom-", dir=beside))
    try:
        _text(folder / MANIFEST, _manifest(members))
        for name, rows in members.items():
            with open(folder / f"{name}.csv", "xb", opener=owners_alone) as file:
                rows.write_csv(file, line_terminator=_END, quote_style="necessary")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def placed(folder: Path, *, out: Path) -> tuple[Path, ...]:
    """Moves the files of an unpacked bundle to where they belong: into a zip where the name ends so, else a folder.

    Returns what was written. Each file appears whole and replaces an older one; members that the bundle no longer has go.
    Raises FileExistsError where the folder holds anything else, and OSError.
    """
    files = sorted(folder.iterdir(), key=lambda file: (file.name != MANIFEST, file.name))
    if out.suffix.lower() == ".zip":
        packed = folder / "bundle.zip"
        with (
            open(packed, "xb", opener=owners_alone) as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle,
        ):
            for file in files:
                entry = zipfile.ZipInfo(file.name, date_time=_MOMENT)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with file.open("rb") as source, bundle.open(entry, "w", force_zip64=True) as member:
                    shutil.copyfileobj(source, member, 1 << 20)
        put_in_place(packed, out)
        return (out,)
    out.mkdir(parents=True, exist_ok=True)
    older = set(out.iterdir())
    if others := sorted(path.name for path in older if path.name not in _MEMBERS):
        raise FileExistsError(f"{out} holds {others[0]}, which is no part of a bundle; name a new folder")
    for path in older - {out / file.name for file in files}:
        path.unlink()
    for file in files:
        put_in_place(file, out / file.name)
    return tuple(out / file.name for file in files)


def _manifest(members: Mapping[str, pl.DataFrame]) -> str:
    modes = [f"file.{member.name},{'bulk' if member.name in members else 'absent'}" for member in VERSIONS[VERSION]]
    said = [
        "propertyName,value",
        "manifest.version,1.0",
        f"oneroster.version,{VERSION}",
        *modes,
        "source.systemName,Homeroom",
    ]
    return _END.join(said) + _END


def _text(path: Path, text: str) -> None:
    with open(path, "xb", opener=owners_alone) as file:
        file.write(text.encode())
