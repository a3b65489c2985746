"""How the members of findings change from one assessment to the next."""
