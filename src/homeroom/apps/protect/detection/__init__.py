"""Detection: log files judged by rules. Without a database, so that it runs on any machine."""
