"""How many devices of a model break by which age, from lists that began late and devices that left otherwise."""
