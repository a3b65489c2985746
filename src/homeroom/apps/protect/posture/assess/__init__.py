"""Writing an assessment: its rows and its state files."""
