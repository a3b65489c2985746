"""Mappings of the lists of tools that tests write: people, contracts and use."""

from __future__ import annotations

CONTRACT_MAPPING = """\
homeroom: mapping
name: list
connector: contracts
table: contract_records
needs: [Sold By, Auto-Renews]
columns:
  key: {from: Contract}
  product: {from: Product}
  vendor: {from: Sold By}
  seats: {from: Seats}
  cost_minor: {from: Price, as: money}
  starts_on: {from: First Day}
  ends_on: {from: Last Day}
  renews: {from: Auto-Renews}
  notice_on: {from: Notice By}
  schools: {from: Schools}
"""
PEOPLE_MAPPING = """\
homeroom: mapping
name: people
connector: roster
table: person_records
authority: [student]
columns:
  key: {from: ID}
  given_name: {from: First}
  family_name: {from: Last}
  email: {from: Email}
  org_name: {from: School}
roles: {role: student}
"""
USE_MAPPING = """\
homeroom: mapping
name: use
connector: portal
table: app_use_records
needs: [App Name, Active Users]
columns:
  app: {from: App Name}
  school_name: {from: School}
  since: {from: From}
  until: {from: Through}
  users: {from: Active Users}
"""
