"""What a benchmark found: rows to print, bars to hold, and one JSON file with all that is needed to judge it."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch
from threadpoolctl import threadpool_info

__all__ = ["Bar", "Result", "show", "write"]

RESULTS = Path(__file__).parent / "results"
_PEERS = ("curvlinops-for-pytorch", "PyHessian", "hessian-eigenthings")
_PACKAGES = ("thetastar", "torch", "scikit-learn", "skorch", "numpy", "scipy", "polars", *_PEERS)
Value = str | int | float | None


@dataclass(frozen=True)
class Bar:
    """A number that must not fall below another."""

    what: str
    value: float
    least: float

    @property
    def holds(self) -> bool:
        """Tell whether it doesn't."""
        return self.value >= self.least


@dataclass(frozen=True)
class Result:
    """What a run found.

    Attributes:
        configuration: What was measured on.
        rows: The table, one mapping per line, all with the same keys.
        bars: What has to hold.
        details: Whatever else belongs into the file.
    """

    configuration: Mapping[str, object]
    rows: Sequence[Mapping[str, Value]]
    bars: Sequence[Bar]
    details: Mapping[str, object] = field(default_factory=dict)


def show(result: Result) -> None:
    """Print the table and the bars."""
    heads = list(result.rows[0]) if result.rows else []
    lines = [heads, *([_text(row[head]) for head in heads] for row in result.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    for bar in result.bars:
        print(f"{'held  ' if bar.holds else 'MISSED'}  {bar.what}: {bar.value:.3f} (at least {bar.least:g})")


def write(name: str, result: Result) -> Path:
    """Write one file for the run and return where it is."""
    RESULTS.mkdir(exist_ok=True)
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    content = {
        "benchmark": name,
        "finished": moment,
        "versions": _versions(),
        "machine": _machine(),
        "configuration": dict(result.configuration),
        "rows": [dict(row) for row in result.rows],
        "bars": [{**asdict(bar), "holds": bar.holds} for bar in result.bars],
        "details": dict(result.details),
    }
    path = RESULTS / f"{name}-{moment}.json"
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _text(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
    return "" if value is None else str(value)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _machine() -> dict[str, object]:
    """Return the processor, and which kernels each numeric library chose for it."""
    libraries = ("internal_api", "architecture", "version", "num_threads")
    return {
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "torch_kernels": torch.backends.cpu.get_cpu_capability(),
        "libraries": [{key: pool.get(key) for key in libraries} for pool in threadpool_info()],
    }
