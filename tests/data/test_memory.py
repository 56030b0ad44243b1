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


FETCHED = """
import resource, sys
import numpy as np
from thetastar.data.memory import give_back_soon, reuse_freed

for step in sys.argv[1:]:
    {"reuse": reuse_freed, "give back": give_back_soon}[step]()

def use():
    first, second, third = (np.ones(500_000) for _ in range(3))  # 4 MB each

for _ in range(3):
    use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    use()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 10)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have other rules")
@pytest.mark.parametrize(
    ("steps", "least", "most"), [([], 900, 1e9), (["reuse"], 0, 100), (["give back", "reuse"], 900, 1e9)]
)
def test_freed_memory_is_used_again_without_fetching_its_pages(steps: list[str], least: float, most: float) -> None:
    done = subprocess.run([sys.executable, "-c", FETCHED, *steps], check=True, capture_output=True, text=True)
    assert least <= float(done.stdout) < most


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
