"""What a start changed, school by school and week by week, with an interval from the orders it could have gone in."""
