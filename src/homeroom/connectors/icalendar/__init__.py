"""iCalendar school calendars: the school year by the words of its events."""
