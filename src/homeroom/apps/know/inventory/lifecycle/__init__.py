"""How long devices last: their ages, and when their updates end, by school."""
