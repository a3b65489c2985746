"""The processes of `homeroom serve`: who starts them again, and how they notice that they are alone."""
