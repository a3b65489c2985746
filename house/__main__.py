"""`python -m house VERB`: what `./run` calls once the environment stands; on Windows it is called by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from house import changelog, checks, docs, everything

VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "check": checks.main,
    "test": everything.main,
    "docs": docs.main,
    "changelog": changelog.main,
}


def main(arguments: Sequence[str]) -> int:
    """Runs one verb; exit code 2, naming the verbs, where there is none of that name."""
    if not arguments or arguments[0] not in VERBS:
        print(f"usage: python -m house {{{','.join(VERBS)}}} …", file=sys.stderr)
        return 2
    return VERBS[arguments[0]](arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
