"""Chain the entries that exist, in the order in which they were written."""

import secrets
from pathlib import Path

from django.conf import settings
from django.db import migrations

from homeroom.apps.platform.audit.keys import open_audit_keys
from homeroom.domain.platform.audit.chain import (
    COMMITTED,
    SALT_BYTES,
    ChainedEntry,
    ChainHead,
    compute_digest,
    compute_head_text,
    compute_mac,
    join_salts,
    split_salts,
)

BATCH_ROWS = 2_000
FIELDS = ["number", "salt", "removed", "previous", "digest", "mac"]


def chain_entries(apps, schema_editor):
    Entry, Head = apps.get_model("audit", "Entry"), apps.get_model("audit", "Head")
    districts = apps.get_model("districts", "District").objects
    for pk, slug in list(districts.order_by("pk").values_list("pk", "slug")):
        rows = Entry.everywhere.filter(district_id=pk).order_by("pk")
        if not rows.exists():
            continue
        keys = open_audit_keys(Path(settings.DATA))
        head = ChainHead(chain=secrets.token_hex(16))
        last = 0
        while batch := list(rows.filter(pk__gt=last)[:BATCH_ROWS]):
            for row in batch:
                head = _chain_row(row, head, keys.current.mac_key)
            Entry.everywhere.bulk_update(batch, FIELDS, batch_size=200)
            last = batch[-1].pk
        Head.everywhere.create(
            district_id=pk,
            chain=head.chain,
            number=head.number,
            digest=head.digest,
            mac=compute_mac(keys.current.mac_key, compute_head_text(head, district=slug)),
        )


def _chain_row(row, head, mac_key):
    entry = ChainedEntry(
        number=head.number + 1,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject_kind=row.subject_kind,
        subject=row.subject,
        detail=row.detail,
        salts=split_salts(secrets.token_hex(SALT_BYTES * len(COMMITTED))),
        removed={},
        previous=head.digest,
    )
    row.number, row.salt, row.removed, row.previous = entry.number, join_salts(entry.salts), {}, entry.previous
    row.digest = compute_digest(entry, chain=head.chain)
    row.mac = compute_mac(mac_key, row.digest)
    return ChainHead(chain=head.chain, number=entry.number, digest=row.digest)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_chain"), ("districts", "0001_initial")]

    operations = [migrations.RunPython(chain_entries, migrations.RunPython.noop)]
