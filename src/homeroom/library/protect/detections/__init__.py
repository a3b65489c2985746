"""The detection rules of a content folder: detections/<area>/<id>.yml, each with the records that prove it."""

from homeroom.library.protect.detections.records import RuleRecord, find_unproven_rules
from homeroom.library.protect.detections.shipped_rules import (
    FOLDER,
    ShippedRule,
    list_rule_files,
    list_shipped_ids,
    load_shipped_rules,
)

__all__ = [
    "FOLDER",
    "RuleRecord",
    "ShippedRule",
    "find_unproven_rules",
    "list_rule_files",
    "list_shipped_ids",
    "load_shipped_rules",
]
