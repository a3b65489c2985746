"""`python -m homeroom.sample.drills --seed N --folder DIR [WORLD ...]`: write simulated drills with their truth."""

from __future__ import annotations

import argparse
from pathlib import Path

from homeroom.sample.drills import build_world, list_worlds, write_world


def main() -> None:
    """Write the worlds, each into a folder of its name, and print how many events they have."""
    parser = argparse.ArgumentParser(prog="python -m homeroom.sample.drills", description=__doc__)
    parser.add_argument("worlds", nargs="*", metavar="WORLD", help=f"{', '.join(list_worlds())} (all)")
    parser.add_argument("--seed", type=int, required=True, help="the same seed gives the same drills")
    parser.add_argument("--folder", type=Path, required=True, help="an empty or new folder")
    options = parser.parse_args()
    if unknown := set(options.worlds) - set(list_worlds()):
        parser.error(f"no world {', '.join(sorted(unknown))}; there are {', '.join(list_worlds())}")
    for name in options.worlds or list_worlds():
        written = write_world(build_world(name, seed=options.seed), options.folder / name)
        print(f"{name}: {sum(len(file.shown) for file in written.files):,} opens, clicks and posts in {written.logs}")


if __name__ == "__main__":
    main()
