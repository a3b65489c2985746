"""Records that phones made without a network and send later, each applied once."""
