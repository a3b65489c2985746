"""Generate an invented district that shares no code and no constant with the code that assesses it.

`generate_sample` writes one folder of exports in the formats of their vendors, and truth.json, which lists what is
wrong in them:

- oneroster/ or oneroster.zip: the roster, OneRoster 1.1 (even seeds) or 1.2 (odd seeds);
- google/: users and ChromeOS devices, as GAM output or as Admin SDK pages, by seed; google/one-unit/ repeats the users
  of one unit, as a partial export that must delete nothing and fix nothing;
- microsoft/: Intune's managed devices and Entra's registration details, in Graph pages;
- snipeit/: the asset list, with a custom field for the funding source; hr/: the staff list; district.yaml: facts that
  no export has;
- activedirectory/: on-premises accounts, as Windows PowerShell writes them;
- fleet/: computers with their programs and local users, of the paid edition by seed; jamf/: Macs; jamf-school/: iPads
  (even seeds); wazuh/: alerts;
- nmap/: a scan from outside and one from inside, with script results; nessus/: a report of the servers; cisa/: a
  catalog of known exploited vulnerabilities, invented except for its format; scuba/: what ScubaGear read of the
  Microsoft 365 tenant (licenses and quality of its settings by seed), and its result;
- lists/: spreadsheets, each with the mapping that reads it: backups, mail domains, data agreements, contracts, use of
  apps, training; google/ and microsoft/ also hold units, groups, settings by unit, and consented apps;
- coverage/: devices that the content filter and the antivirus cover, with the mappings that read them; calendars/: the
  bell schedule of one school.

Sizes of schools follow NCES Digest 2023, table 216.30; staff are 12 for 100 students, half of them teachers. The rates
of planted faults are in `plan.case_rates`, with their source where there is one: about 0.4 % of students and 1 % of
employees left with their account enabled, 3 % of employees lack a second factor, 2 % of Chromebooks are past their
updates and 1.5 % silent, 3 % of staff laptops run Windows 10. Outdated and reachable systems are in
`consoles.programs`, `plan.windows_releases`, `devices.servers` and `devices.network`, with the reasons. Small districts
still have a few cases of each fault. Each fault has near misses: rows one step on the innocent side of each condition.

Everything is assessed on the day `today` of truth.json. A subject fails there by the facts from which it was made;
where one fault implies another (the account of a leaver is idle as well) both are listed. People, places and addresses
are invented; addresses end in .example, which no network resolves.
"""

from __future__ import annotations

from homeroom.sample.generate import GeneratedSample, generate_sample

__all__ = ["GeneratedSample", "generate_sample"]
