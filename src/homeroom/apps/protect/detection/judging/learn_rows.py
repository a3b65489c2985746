"""Learn from new rows before they are judged, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from homeroom.apps.protect.detection.judging.district_evidence import DistrictEvidence
from homeroom.apps.protect.detection.judging.event_source import AUDIT_TABLE, HOST_TABLE, LOG_COLUMNS
from homeroom.engines.protect.enrich.learned_behavior import LearnedBehavior
from homeroom.engines.protect.enrich.observations import (
    iter_controllers,
    iter_host_days,
    iter_log_days,
    iter_sign_ins,
    iter_tools,
    iter_volumes,
)

LEARNED_COLUMNS = {
    AUDIT_TABLE: ("source", "log", "at", "event", "outcome", "actor_email", "country", "address", "asn"),
    HOST_TABLE: ("source", "channel", "at", "event_id", "computer", "details"),
}
"""The columns of rows that are learned from."""


@dataclass(kw_only=True)
class LearningRun:
    """What new rows teach. `newest` has the newest time by log, `crossed` the accounts and days of unusual volume."""

    learned: LearnedBehavior
    evidence: DistrictEvidence
    timezone: str
    tools: tuple[str, ...]
    newest: dict[str, datetime] = field(default_factory=dict)
    rows: int = 0
    _volumes: dict[tuple[str, date], int] = field(default_factory=dict)

    def learn(self, table: str, batches: Iterable[pa.RecordBatch]) -> None:
        """Learn from the rows of a table."""
        for batch in batches:
            self.rows += batch.num_rows
            for log, day, count, newest in iter_log_days(batch, log_column=LOG_COLUMNS[table], timezone=self.timezone):
                self.learned.add_entries(log, day=day, count=count)
                self.newest[log] = max(newest, self.newest.get(log, newest))
            if table == AUDIT_TABLE:
                self.learned.learn(iter_sign_ins(batch, timezone=self.timezone))
                for account, day, count in iter_volumes(batch, timezone=self.timezone):
                    self._volumes[account, day] = self._volumes.get((account, day), 0) + count
            else:
                is_server = self.evidence.is_server
                self.learned.learn(iter_tools(batch, timezone=self.timezone, tools=self.tools, is_server=is_server))
                self.learned.learn(iter_controllers(batch, timezone=self.timezone))
                for host, day, count in iter_host_days(batch, timezone=self.timezone, is_server=is_server):
                    self.learned.add_entries(host, day=day, count=count)

    def count_volumes(self) -> list[tuple[str, date]]:
        """Add the volumes, and return the accounts and days that had files before and are unusual only now."""
        crossed = []
        for (account, day), count in sorted(self._volumes.items()):
            had_any = self.learned.volumes.get(account, {}).get(day.toordinal(), 0) > 0
            before = had_any and self._is_unusual(account, day)
            self.learned.add_volume(account, day=day, count=count)
            if had_any and not before and self._is_unusual(account, day):
                crossed.append((account, day))
        return crossed

    def _is_unusual(self, account: str, day: date) -> bool:
        return self.learned.is_volume_unusual(account, day=day, is_school_day=self.evidence.is_school_day) is True
