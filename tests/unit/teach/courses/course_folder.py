"""A small invented course, written into a folder of content, with any of its texts changed."""

from __future__ import annotations

from pathlib import Path

COURSE = """\
id: lost-key
title: {en: The lost key, es: La llave perdida}
audience: [staff, office]
taught: alone
minutes: 5
satisfies: ["cisa-cpg-2.0:3.J", staff-trained, us-cipa, "us-cipa:online-behavior-lessons"]
checked_on: 2026-11-28
review_after_days: 365
lessons: [look, tell]
pass_percent: 80
"""
LOOK_EN = """\
# Look for it

Look in your bag. Look on your desk, too.

![A key on a desk](pictures/key.png)

- Ask the front desk.
- Read [the page](https://example.org/keys) or [write us](mailto:help@example.org).

Type `git stash --include-untracked` if a technician asks:

    organizational infrastructure authentication technologies

```text
| organizational | infrastructure |
|---|---|
<b>authentication</b>
```
"""
LOOK_ES = "# Busque\n\nBusque en su bolsa.\n\n![Una llave](pictures/key.png)\n"
TELL_EN = "# Tell us\n\nTell us by 3 p.m. that day. We can lock it.\n"
TELL_ES = "# Avise\n\nAvise antes de las 3 p. m.\n"
QUESTIONS = """\
- id: first
  lesson: tell
  asks: {en: What do you do?, es: ¿Qué hace?}
  options:
    - says: {en: Tell us, es: Avisar}
      right: true
      because: {en: We can lock it., es: Podemos bloquearla.}
    - says: {en: Wait, es: Esperar}
      because: {en: Somebody may use it., es: Alguien puede usarla.}
- id: second
  lesson: look
  asks: {en: Where do you look?, es: ¿Dónde busca?}
  options:
    - says: {en: Nowhere, es: En ninguna parte}
      right: false
      because: {en: It may be near., es: Puede estar cerca.}
    - says: {en: In the bag, es: En la bolsa}
      right: true
      because: {en: Keys are often there., es: Suele estar ahí.}
"""
TEXTS = {
    "course.yaml": COURSE,
    "questions.yaml": QUESTIONS,
    "look.en.md": LOOK_EN,
    "look.es.md": LOOK_ES,
    "tell.en.md": TELL_EN,
    "tell.es.md": TELL_ES,
    "pictures/key.png": "no real picture",
}


def write_course(content: Path) -> Path:
    """Write the course into the content folder; return its own folder."""
    folder = content / "courses" / "lost-key"
    for name, text in TEXTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def change_course(folder: Path, name: str, old: str, new: str) -> None:
    """Replace a text in a file of the course, which has it exactly once."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (name, old)
    path.write_text(text.replace(old, new), encoding="utf-8")
