"""Run `python -m tools VERB`, which `./run` calls once the environment exists; on Windows it is called by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from tools import changelog, checks, docs, everything, naming, pictures, reliability, sbom, translations

VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "check": checks.run_checks,
    "test": everything.run_all_tests,
    "docs": docs.run_docs,
    "changelog": changelog.run_changelog,
    "naming": naming.print_naming,
    "pictures": pictures.run_pictures,
    "reliability": reliability.run_reliability,
    "sbom": sbom.run_sbom,
    "translations": translations.run_translations,
}


def main(arguments: Sequence[str]) -> int:
    """Run one verb and return its exit code; print the verbs and return 2 if there is none of that name."""
    if not arguments or arguments[0] not in VERBS:
        print(f"usage: python -m tools {{{','.join(VERBS)}}} …", file=sys.stderr)
        return 2
    return VERBS[arguments[0]](arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
