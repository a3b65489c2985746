"""Files of small refresh problems, written for tests."""

from __future__ import annotations

from pathlib import Path

PLAN = """homeroom: refresh
first_year: 2028
years: 3
fiscal_year_starts: 7
needed_until: "05-31"
fleet: fleet.csv
prices: prices.csv
needs: needs.csv
funds:
  general: {amounts: [1000, 1000, 1000]}
  bond: {amounts: [600, 0, 0], carries_over: true}
  title-i: {amounts: [300, 300, 300], schools: [Oak], kinds: [chromebook]}
  e-rate: {total: 2000, pays: 0.8, match: general, kinds: [switch]}
ways:
  buy: {payments: [1.0]}
  lease: {payments: [0.4, 0.4, 0.4], kinds: [chromebook], funds: [general]}
team: {hours: [10, 10, 10], minutes_per_visit: 60}
"""
FLEET = """group,school,kind,count,last_good
a,Oak,chromebook,3,2027-06-30
b,Oak,chromebook,2,2029-01-15
c,Elm,chromebook,4,2028-05-31
d,Elm,switch,2,2026-01-01
e,Elm,tablet,1,
"""
PRICES = """kind,price,life,minutes,weight
chromebook,300,5,20,2
switch,1000,8,60,5
tablet,450,5,10,1
"""
NEEDS = """school,kind,year,needed
Oak,chromebook,2028,5
Oak,chromebook,2029,4
Oak,chromebook,2030,4
"""


def write_problem(folder: Path, **texts: str) -> Path:
    """Write the files of a problem, with other texts for some of them; return the path of the plan."""
    files = {"plan.yaml": PLAN, "fleet.csv": FLEET, "prices.csv": PRICES, "needs.csv": NEEDS}
    files |= {f"{name}.yaml" if name == "plan" else f"{name}.csv": text for name, text in texts.items()}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "plan.yaml"
