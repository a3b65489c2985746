"""Asks: good practice asked of the person whose account or device fails a control, and what the person answers."""
