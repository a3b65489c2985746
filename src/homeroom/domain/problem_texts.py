"""Problem texts: what is wrong where a control or policy fails, for one subject and for several."""

from __future__ import annotations

from dataclasses import dataclass

COUNT, GROUP = "{n}", "{group}"
"""Placeholders: the number of failing subjects, and the name of their group."""


@dataclass(frozen=True, kw_only=True)
class ProblemText:
    """A sentence for one failing subject and one for several, in which COUNT and GROUP are replaced."""

    singular: str
    plural: str

    def format_for(self, count: int, *, group: str = "") -> str:
        """Format the sentence for a number of subjects, with thousands separated, and the name of their group."""
        text = self.singular if count == 1 else self.plural
        # The group comes last: its name is the district's own, and may hold anything.
        return text.replace(COUNT, f"{count:,}").replace(GROUP, group)
