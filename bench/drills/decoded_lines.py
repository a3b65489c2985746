"""`python -m bench.drills.decoded_lines PATH`: decode each line of a file with msgspec and print their number."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec


def count_decoded(path: str) -> int:
    """Decode each line and return their number."""
    decode = msgspec.json.Decoder().decode
    count = 0
    with Path(path).open("rb") as lines:
        for line in lines:
            decode(line)
            count += 1
    return count


if __name__ == "__main__":
    print(count_decoded(sys.argv[1]))
