from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from thetastar.data import memory

FREED = """
import sys
import numpy as np
from thetastar.data.memory import give_back_soon

def resident():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmRSS"))

if sys.argv[1] == "soon":
    give_back_soon()
before = resident()
for rows in (2_500_000, 2_000_000):  # the first teaches the C library to keep the second, of 16 MB
    values = np.ones(rows)
    del values
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep nothing back, or can't be asked")
@pytest.mark.parametrize(("when", "most"), [("soon", 4.0), ("late", 20.0)])
def test_large_arrays_are_given_back_once_they_are_freed(when: str, most: float) -> None:
    done = subprocess.run([sys.executable, "-c", FREED, when], check=True, capture_output=True, text=True)
    assert float(done.stdout) < most
    if when == "late":  # or there would be nothing to ask for
        assert float(done.stdout) > 12


def test_what_is_free_is_less_than_there_is() -> None:
    assert 0 < memory.free_memory() < memory.memory_limit()


def test_a_container_leaves_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, used = tmp_path / "max", tmp_path / "current"
    limit.write_text("3000000\n")
    used.write_text("1000000\n")
    monkeypatch.setattr(memory, "_USED", ((limit, used),))
    assert memory.free_memory() == 2e6
    limit.write_text("max\n")
    assert memory.free_memory() > 2e6


def test_a_machine_that_does_not_say_what_is_free_counts_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_available", lambda: None)
    monkeypatch.setattr(memory, "_USED", ())
    assert memory.free_memory() == memory.memory_limit() / 2
    monkeypatch.setattr(memory, "memory_limit", lambda: float("inf"))
    assert memory.free_memory() == 1e9
