"""Evidence of an invented district with its derived tools, for checks before a tool is adopted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa

from homeroom.domain.manage.tools.adoption import ToolCheck
from homeroom.engines.manage.tools.check_tool import check_tool
from homeroom.engines.manage.tools.finding_tables import build_finding_tables
from homeroom.engines.manage.tools.portfolio import ToolContent
from homeroom.engines.manage.tools.tables import build_tools_table
from homeroom.evidence.query.session import build_view_schema, open_session_over
from tests.unit.manage.tools.portfolio_evidence import CAPABILITIES, PRODUCTS, TODAY, PortfolioEvidence


class CheckedEvidence(PortfolioEvidence):
    """Rows by table, judged and then checked by a name."""

    def add_grant(self, account: str, *, app: str = "77.apps.example", name: str = "Gull Meet", **values: Any) -> None:
        """Add a permission that an account gave an app."""
        self.add_row(
            "app_grants",
            instance="google", account_key=account, app_key=app, app_name=name, kind="delegated",
            scopes=["https://www.googleapis.com/auth/drive"], **values,
        )  # fmt: skip

    def add_account(self, number: int, *, school: str) -> None:
        """Add an account of the directory in a school, with its link."""
        self.rows["accounts"].append({"id": number, "directory": "google", "school": school, "kind": "student"})
        self.rows["links"].append(
            {"subject_kind": "account", "id": number, "connector": "google", "instance": "google",
             "table_name": "account_records", "key": str(number)}
        )  # fmt: skip

    def check(self, text: str, *, does: Collection[str] = ()) -> ToolCheck:
        """Check a tool by a name."""
        portfolio = self.build()
        tables = {name: _build_table(name, rows) for name, rows in self.rows.items()}
        tables |= {"tools": build_tools_table(portfolio), **build_finding_tables(portfolio)}
        content = ToolContent(products=PRODUCTS, capabilities={entry.id: entry for entry in CAPABILITIES})
        with open_session_over(tables) as session:
            return check_tool(session, content=content, text=text, does=does, today=TODAY)


def _build_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    names = {key for row in rows for key in row}
    schema = build_view_schema(name)
    return pa.Table.from_pylist(rows, schema=pa.schema([item for item in schema if item.name in names]))
