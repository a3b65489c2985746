"""Laws and their clocks. Cases are answered without a database, so that it runs on any machine."""
