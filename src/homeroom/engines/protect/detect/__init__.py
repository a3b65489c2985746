"""Judge log events by detection rules: `detect_events` returns what fires."""

from homeroom.engines.protect.detect.detect import (
    EventScan,
    EventScanner,
    detect_events,
    find_correlated_detections,
    get_detection_order,
    get_event_order,
    iter_correlated_detections,
)

__all__ = [
    "EventScan",
    "EventScanner",
    "detect_events",
    "find_correlated_detections",
    "get_detection_order",
    "get_event_order",
    "iter_correlated_detections",
]
