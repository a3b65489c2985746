"""The kinds of look-alike, and which ones a seed has."""

from __future__ import annotations

from typing import Final

from homeroom.sample.fortnights.intrusions.catalog import choose_in_turn
from homeroom.sample.fortnights.look_alikes import accounts, administration, data, servers
from homeroom.sample.fortnights.story import StoryTeller

LOOK_ALIKES: Final[tuple[StoryTeller, ...]] = (
    accounts.write_substitutes_from_home,
    accounts.write_teacher_abroad,
    accounts.write_new_phone,
    accounts.write_lab_mistyping,
    accounts.write_moving_carrier,
    accounts.write_split_tunnel,
    accounts.write_weekend_trip,
    accounts.write_copier,
    administration.write_announced_role,
    administration.write_trusted_app,
    administration.write_bulk_resets,
    administration.write_bulk_suspension,
    administration.write_announced_wipe,
    administration.write_new_employee,
    data.write_mass_share,
    data.write_seniors_takeout,
    data.write_published_portfolios,
    data.write_graded_downloads,
    data.write_internal_forwarding,
    servers.write_backup_shadows,
    servers.write_scanner,
    servers.write_imaging,
    servers.write_announced_maintenance,
    servers.write_domain_admin_tools,
)
PER_FORTNIGHT: Final = 12


def choose_look_alikes(seed: int) -> tuple[StoryTeller, ...]:
    """Choose half of the kinds; two seeds in a row have all of them."""
    return choose_in_turn(LOOK_ALIKES, seed=seed, count=PER_FORTNIGHT, name="look-alikes")
