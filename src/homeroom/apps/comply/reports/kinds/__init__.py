"""Report kinds, one module each: a module with a KIND is registered by being here."""
