"""The memory of started processes is watched without that of the process that starts them."""

from __future__ import annotations

import subprocess
import sys

from bench.support.peak_watch import PeakWatch

MIB = 1 << 20
HOLD = "import sys, time; held = bytearray(int(sys.argv[1])); time.sleep(0.3)"


def test_the_peak_is_that_of_the_largest_child() -> None:
    with PeakWatch() as watch:
        for size in (1, 120):
            subprocess.run([sys.executable, "-c", HOLD, str(size * MIB)], check=True)
    assert 120 <= watch.mib < 200


def test_the_memory_of_this_process_is_not_that_of_its_children() -> None:
    held = bytearray(400 * MIB)
    with PeakWatch() as watch:
        for _ in range(20):
            subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(0.05)"], check=True)
    assert len(held) == 400 * MIB
    assert 0 < watch.mib < 200


def test_a_process_that_ran_before_the_watch_is_left_out() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD.replace("0.3", "60"), str(300 * MIB)]) as earlier:
        with PeakWatch() as watch:
            subprocess.run([sys.executable, "-c", HOLD, str(MIB)], check=True)
        earlier.kill()
    assert 0 < watch.mib < 200
