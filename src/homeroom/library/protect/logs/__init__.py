"""Kinds of logs that detection rules are about, and the controls that ask whether they come."""
