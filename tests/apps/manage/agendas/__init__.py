"""Personal calendars and the weekly digest."""
