"""Runs the benchmarks that are named, or all of them, one after the other.

Each prints its tables and writes one JSON file into ``bench/results``. The exit code is 1 if a bar was missed.
"""

from __future__ import annotations

import importlib
import os
import sys

from bench.report import show, write

# All that are run if none is named.
NAMES = ("training_step", "folds_by_rates", "hessian_product", "eigenvalues", "accuracy")
ELSEWHERE = ("on_gpu",)  # only if named: it needs a CUDA device
# They can hold a library to the kernels of an older processor; then a peer would look slower than it is.
_OVERRIDES = ("OPENBLAS_", "MKL_", "BLIS_", "ONEDNN_", "DNNL_", "ATEN_CPU_CAPABILITY")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in (*NAMES, *ELSEWHERE)]
    if unknown:
        known = ", ".join((*NAMES, *ELSEWHERE))
        print(f"no benchmark is called {', '.join(unknown)}; there are {known}", file=sys.stderr)
        return 2
    missed = 0
    for name in names or NAMES:
        print(f"\n{name}: {importlib.import_module(f'bench.{name}').__doc__.strip().splitlines()[0]}", flush=True)
        result = importlib.import_module(f"bench.{name}").run()
        show(result)
        print(f"written to {write(name, result)}")
        missed += sum(not bar.holds for bar in result.bars)
    return int(missed > 0)


def _without_overrides() -> None:
    """Start again where variables choose the kernels of a library: they are read while it is loaded."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OVERRIDES)}
    if len(kept) < len(os.environ):
        print("measuring without the variables", ", ".join(sorted(set(os.environ) - set(kept))), flush=True)
        os.execve(sys.executable, [sys.executable, "-m", "bench", *sys.argv[1:]], kept)


if __name__ == "__main__":
    _without_overrides()
    sys.exit(main(sys.argv[1:]))
