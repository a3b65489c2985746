"""The invented district of a fortnight: people, computers, networks and calendar."""
