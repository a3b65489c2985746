"""The kinds of intrusion, and which ones a seed has."""

from __future__ import annotations

from random import Random
from typing import Final

from homeroom.sample.fortnights.intrusions import google, microsoft, tokens, windows
from homeroom.sample.fortnights.story import StoryTeller

INTRUSIONS: Final[tuple[StoryTeller, ...]] = (
    google.write_phished_account,
    google.write_rogue_super_admin,
    google.write_domain_wide_delegation,
    google.write_consent_app,
    google.write_data_theft,
    google.write_leaver_back,
    google.write_mail_routing,
    microsoft.write_quick_spray,
    microsoft.write_slow_spray,
    microsoft.write_fatigue,
    microsoft.write_payroll_rule,
    microsoft.write_app_credentials,
    microsoft.write_mass_wipe,
    tokens.write_device_code,
    tokens.write_federated_domain,
    windows.write_ransomware_precursors,
    windows.write_domain_takeover,
    windows.write_directory_copy,
    windows.write_remote_desktop,
    windows.write_canary_touch,
)
PER_FORTNIGHT: Final = 4


def choose_intrusions(seed: int) -> tuple[StoryTeller, ...]:
    """Choose four kinds; five seeds from a multiple of five on have all kinds, together with others each time."""
    return choose_in_turn(INTRUSIONS, seed=seed, count=PER_FORTNIGHT, name="intrusions")


def choose_in_turn(tellers: tuple[StoryTeller, ...], *, seed: int, count: int, name: str) -> tuple[StoryTeller, ...]:
    """Choose `count` of them, so that as many seeds in a row as it takes have them all."""
    turns = -(-len(tellers) // count)
    block, turn = divmod(seed, turns)
    deck = list(tellers)
    Random(f"{name}/{block}").shuffle(deck)  # noqa: S311
    return tuple((deck * 2)[turn * count : turn * count + count])
