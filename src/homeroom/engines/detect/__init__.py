"""Judge log events by detection rules: `detect_events` returns what fires."""

from homeroom.engines.detect.detect import EventScan, EventScanner, detect_events, finish_scan, scan_events

__all__ = ["EventScan", "EventScanner", "detect_events", "finish_scan", "scan_events"]
