"""What a family gets names their own child and nobody else."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from homeroom.apps.comply.privacy.disclosures.commands import add_disclosure
from homeroom.apps.comply.reports.student_records import NoSuchStudent, write_disclosures_file, write_records_file
from homeroom.apps.platform.audit.models import Entry
from tests.apps.comply.privacy.conftest import ANA, TODAY, FamilyDistrict
from tests.apps.comply.privacy.test_disclosures import FORM

pytestmark = pytest.mark.django_db
OTHERS = ("Ben", "Ode", "90418", "luz@", "g-luz", "ben.ode", "visitor@", "s-ben")


def test_the_file_has_the_child_of_every_system_and_masks_all_others(family: FamilyDistrict) -> None:
    add_disclosure(form=FORM, today=TODAY, **family.common)
    page = write_records_file(student=family.get_id(ANA), form="html", today=TODAY, **family.common)
    text = page.content.decode()
    own = (
        "Ana",
        "Rivera",
        "90417",
        "ana.rivera@maple.test",
        "Elm Street 4",
        "5CD0001",
        "Math app",
        "Next Door Schools",
    )
    assert [word for word in own if word not in text] == []
    assert [word for word in OTHERS if word in text] == []
    assert "[another person]" in text


def test_the_zip_has_page_pdf_and_tables_and_is_the_same_each_time(family: FamilyDistrict) -> None:
    first, again = (
        write_records_file(student=family.get_id(ANA), form="zip", today=TODAY, **family.common) for _ in range(2)
    )
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        names = archive.namelist()
        texts = [archive.read(name).decode() for name in names if name.endswith((".html", ".csv"))]
        assert archive.read("records.pdf").startswith(b"%PDF")
        again_archive = zipfile.ZipFile(io.BytesIO(again.content))
        assert [again_archive.read(n) for n in names if n != "records.pdf"] == [t.encode() for t in texts]
    assert {"records.html", "records.csv"} < set(names)
    assert [word for word in OTHERS for text in texts if word in text] == []
    entry = Entry.objects.of(family.cast.district).order_by("id").first()
    assert entry is not None
    assert entry.detail == {"form": "zip", "sha256": first.sha256}


def test_the_log_for_a_family_and_an_id_of_nobody(family: FamilyDistrict) -> None:
    add_disclosure(form=FORM, today=TODAY, **family.common)
    page = write_disclosures_file(student=family.get_id(ANA), form="html", today=TODAY, **family.common)
    assert "The student enrolls there" in page.content.decode()
    with pytest.raises(NoSuchStudent):
        write_records_file(student="p-zzzzzzzzzzzzz", form="html", today=TODAY, **family.common)


@pytest.mark.parametrize("write", [write_records_file, write_disclosures_file])
def test_a_family_reads_the_file_in_spanish(family: FamilyDistrict, write: Any) -> None:
    file = write(student=family.get_id(ANA), form="html", today=TODAY, language="es", **family.common)
    page = file.content.decode()
    assert file.name.endswith("-es.html")
    assert '<html lang="es">' in page
    assert "Divulgaciones" in page
    assert "Disclosures" not in page
    english = write(student=family.get_id(ANA), form="html", today=TODAY, **family.common)
    assert "-es" not in english.name
