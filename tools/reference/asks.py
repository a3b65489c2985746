"""The reference page of asks: how a control asks the person, and the asks that ship."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.domain.teach.courses.course import ADULT_GRADE
from homeroom.library.protect.controls import load_controls
from homeroom.library.teach.awareness.person_asks import (
    CONFIDED_COLUMNS,
    MAX_SENTENCE,
    MAX_STEPS,
    MINUTES,
    PERSONAL_TABLES,
)
from tools.reference.markdown import render_table

TABLES = ", ".join(f"`{table}`" for table in PERSONAL_TABLES)
CONFIDED = ", ".join(f"`{name}`" for name in sorted(CONFIDED_COLUMNS))
FORMAT = f"""# Asks

`asks` of a [control](controls/README.md) is the table that it asks about, or a mapping with that table and what is
asked of the person about whom it fails:

```yaml
asks:
  of: accounts
  minutes: 5
  en:
    sentence: "Turn on 2-Step Verification for your work account."
    why: "A stolen password alone then opens nothing."
    steps:
      google: ["Go to myaccount.google.com.", "Choose Security, then 2-Step Verification."]
      microsoft: ["Go to aka.ms/mysecurityinfo.", "Choose Add sign-in method."]
  es: …
```

| key | value |
|---|---|
| `of` | {TABLES}: the person, an account of the person, or a device that the person has |
| `minutes` | whole minutes that it takes the person, {MINUTES[0]} to {MINUTES[1]} |
| `en`, `es` | the text in English and in Spanish, both with all parts |
| `en.sentence` | one sentence to the person, at most {MAX_SENTENCE} characters, with a period |
| `en.why` | why it matters, in a sentence or two |
| `en.steps` | 1 to {MAX_STEPS} steps, or such a list for each connector; both languages have the same ones |

Steps by connector are shown by the directory that judges the sign-in of the account, or by the consoles of the device;
where none has steps, all are shown. English may have a reading level of at most {ADULT_GRADE} ([how it is
measured](courses.md#reading-level)). Refused are also words of the finding itself (its title, reason and steps are for
the team), a control with a `subject` of its own, and one that looks at {CONFIDED}, which are
between a person and their coach.

Asks are shown, exempted and proven as in [asks](../teach/asks.md).

## Asks that ship
"""


def render_pages() -> dict[str, str]:
    """Render the page."""
    return {"asks.md": "\n".join(_render_page())}


def _render_page() -> Iterator[str]:
    yield FORMAT
    asks = [(control, control.ask) for control in load_controls() if control.ask is not None]
    yield render_table(
        ("control", "of", "minutes", "sentence", "in Spanish"),
        [
            (
                f"[{control.id}](controls/{control.area}.md#{control.id})",
                f"`{control.asks}`",
                str(ask.minutes),
                ask.texts["en"].sentence,
                ask.texts["es"].sentence,
            )
            for control, ask in asks
        ],
    )
