"""Records of logs as their vendors write them."""
