"""Writers of drills in the formats of the tools that send them."""
