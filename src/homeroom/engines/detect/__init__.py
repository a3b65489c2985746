"""Judge log events by detection rules: `detect_events` returns what fires."""

from homeroom.engines.detect.detect import (
    EventScan,
    EventScanner,
    detect_events,
    find_correlated_detections,
    finish_scan,
    get_detection_order,
    scan_events,
)

__all__ = [
    "EventScan",
    "EventScanner",
    "detect_events",
    "find_correlated_detections",
    "finish_scan",
    "get_detection_order",
    "scan_events",
]
