"""Files of a small refresh problem: two schools, one fund by year, and a fund with a total."""

from __future__ import annotations

from collections.abc import Mapping

PLAN = """homeroom: refresh
first_year: 2028
years: 3
fiscal_year_starts: 7
needed_until: "05-31"
fleet: our fleet.csv
prices: prices.csv
funds:
  general: {amounts: [900, 0, 0]}
  bond: {total: 3000, pays: 0.5, match: general, kinds: [switch]}
"""
FLEET = """group,school,kind,count,last_good
oak-2020,Oak,chromebook,10,2026-06-30
elm-2020,Elm,chromebook,5,2028-06-30
elm-core,Elm,switch,2,2027-01-31
oak-odd,Oak,chromebook,1,
"""
PRICES = """kind,price,life,minutes,weight
chromebook,300,6,20,1
switch,1000,8,60,3
"""


def build_files(**changes: str) -> Mapping[str, bytes]:
    """Return the uploaded files by name; `plan`, `fleet` and `prices` replace their texts."""
    texts = {"plan": PLAN, "fleet": FLEET, "prices": PRICES, **changes}
    names = {"plan": "our plan.yml", "fleet": "our fleet.csv", "prices": "prices.csv"}
    return {names[key]: text.encode() for key, text in texts.items()}
