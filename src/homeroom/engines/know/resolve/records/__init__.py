"""Staging of source records, the ids of subjects and the decisions that people made."""
