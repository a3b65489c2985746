"""Settings from the environment, urls and the WSGI entry."""
