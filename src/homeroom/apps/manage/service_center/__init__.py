"""Districts side by side, for a service center that runs several."""
