"""Compare rosters: what two sources report differently about people and their classes."""
