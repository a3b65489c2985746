"""Rosters beside each other: what one source says of people and places in classes, and another says otherwise."""
