"""Awareness: whose an event of a drill is, what people did, and whether training changed it."""
