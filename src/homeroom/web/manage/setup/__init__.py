"""The first run: its steps, and the exports of each system on a screen of its own."""

IN_VISITOR_LANGUAGE = True
