"""Log files of Windows, Google and Microsoft, read as the events that detection rules judge."""

from homeroom.ingest.events.reader import read_events

__all__ = ["read_events"]
