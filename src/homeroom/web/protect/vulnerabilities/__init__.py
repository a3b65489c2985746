"""Pages of vulnerabilities and their suppressions."""

NAV_AREA = "posture"
