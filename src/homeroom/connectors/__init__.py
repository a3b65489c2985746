"""One folder a system. Being there is being registered."""
