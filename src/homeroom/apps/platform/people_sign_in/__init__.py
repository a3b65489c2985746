"""People who sign in to their own pages: who they are in the published evidence, and how they prove it."""
