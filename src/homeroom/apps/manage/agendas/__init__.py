"""A person's calendar: their items of the weekly plan, deadlines and visits, behind a secret address."""
