"""Laws, their clocks and the facts that they ask for. Cases are answered without a database, on any machine."""
