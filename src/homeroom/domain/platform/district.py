"""The district as every area sees it, without the model that stores it."""

from __future__ import annotations

from typing import Protocol


class District(Protocol):
    """The tenant that every row, snapshot and query belongs to.

    `slug` names it in addresses and folders, `timezone` (IANA) governs its dates, and `fiscal_year_starts` is the month
    in which its fiscal year begins (1 to 12).
    """

    @property
    def pk(self) -> int: ...

    @property
    def slug(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def timezone(self) -> str: ...

    @property
    def fiscal_year_starts(self) -> int: ...
