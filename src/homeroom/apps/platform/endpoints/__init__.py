"""What programs read and change with a token: one description an endpoint, for the API and for the command line."""
