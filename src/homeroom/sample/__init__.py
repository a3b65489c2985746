"""The invented district. Shares no code and no constant with what judges it.

`make` writes one folder of exports as their vendors write them, and truth.json, which says what is wrong in it:

- oneroster/ or oneroster.zip: the roster, OneRoster 1.1 (even seeds) or 1.2 (odd seeds);
- google/: users and ChromeOS devices, printed by GAM or as Admin SDK pages, by seed; google/one-unit/ holds the users
  of one unit once more, as somebody's export by the way, which must delete nothing and fix nothing;
- microsoft/: Intune's managed devices and Entra's registration details, in Graph's pages;
- snipeit/: the asset list, with a custom field of who paid; hr/: the staff list; district.yaml: what no export has;
- activedirectory/: accounts on premises, as Windows PowerShell writes them;
- fleet/: computers with their programs and local users, of the paid edition by seed; jamf/: Macs; jamf-school/: iPads (even
  seeds); wazuh/: alerts;
- nmap/: a scan from outside and one from inside, which asked ports further; nessus/: a report of the servers; cisa/: a catalogue of flaws known to be
  exploited, invented but for its form; scuba/: what ScubaGear read of the Microsoft
  365 tenant (its licences by seed, and how well somebody tends it), and its result;
- lists/: what spreadsheets hold, each beside the mapping that reads it: backups, mail domains, agreements about data,
  contracts, use of apps, training; google/ and microsoft/ also hold units, groups, settings by unit, and apps that were let in;
- coverage/: whom the content filter and the antivirus carry, with the mappings that read it; calendars/: one school's bells.

Sizes of schools follow NCES Digest 2023, table 216.30; staff are 12 for 100 pupils, half of them teachers. Who has what
and how often a fault is planted stands in `figures`, with its source where there is one: about 0.4 % of pupils and 1 % of
employees left with their account enabled, 3 % of employees lack a second factor, 2 % of Chromebooks are past their
updates and 1.5 % silent, 3 % of staff laptops run Windows 10. What is old or reachable stands in `programs`,
`releases`, `servers` and `network`, with its ground. At small sizes each fault occurs a few times all the same.
Beside every fault stand near misses: rows one step on the innocent side of each condition.

Everything is judged on the day `today` of truth.json. A subject is failing there by the facts from which it was made;
where one fault brings another (an account of somebody who left is idle as well) both are stated. People, places and
addresses are invented; addresses end in .example, which no network resolves.
"""

from __future__ import annotations

from homeroom.sample.making import Made, make

__all__ = ["Made", "make"]
