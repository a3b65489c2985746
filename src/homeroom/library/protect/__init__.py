"""Content as records of the wing `protect`: how secure the district is."""
