"""Complete journeys of the cast through a served sample district, in a real browser."""
