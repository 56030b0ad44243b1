"""A fit that is not finished yet, in its run's folder: what was asked for, and the rungs that are done.

Both files are there while a fit runs and after one that was cut short, and are taken away when it has finished. The
rungs are kept as a saved function is: numbers (safetensors) and a description (JSON), no code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from thetastar.data import Extent
from thetastar.errors import UserError
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.fitting.saving.plain import from_plain, to_plain
from thetastar.fitting.saving.saved import UNFINISHED_FILE, checksum
from thetastar.fitting.saving.whole import write_whole

__all__ = ["Unfinished"]

_RUNGS = "unfinished.theta"
_DRAWN = "drawn"  # beside what was asked for
_UNREADABLE = (OSError, safetensors.SafetensorError, KeyError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Unfinished:
    """The folder of a run whose rungs are kept one by one.

    Attributes:
        folder: Of the run.
        resumed: Whether to go on from what lies there; otherwise it is written over.
    """

    folder: Path
    resumed: bool = False

    def begin(self, asked: Mapping[str, Any], *, drawn: Extent | None = None) -> None:
        """Keep what was asked for, as plain values; forget the rungs of an earlier fit.

        Args:
            asked: By name.
            drawn: What the rows are a sample of, where it depends on the time how many came.

        Raises:
            UserError: if the folder can't be written.
        """
        if not self.resumed:
            (self.folder / _RUNGS).unlink(missing_ok=True)
            kept = {**asked, _DRAWN: asdict(drawn)} if drawn else dict(asked)
            write_whole(self.folder / UNFINISHED_FILE, json.dumps(kept, ensure_ascii=False, indent=1).encode())

    def asked(self) -> dict[str, Any]:
        """Return what was asked for.

        Raises:
            UserError: if no unfinished fit lies in the folder, or what was asked for can't be read.
        """
        file = self.folder / UNFINISHED_FILE
        if not file.is_file():
            raise UserError(f"{self.folder} holds no unfinished fit to go on with: it has finished, or was never begun")
        try:
            asked = dict(json.loads(file.read_text("utf-8")))
            return asked | {"table": str(asked["table"])}
        except _UNREADABLE as error:
            raise UserError(f"{file} can't be read ({error}): fit again without --resume") from error

    def drawn(self) -> Extent | None:
        """Return what the rows of a fit that is resumed were drawn from; None of any other fit.

        Raises:
            UserError: if that can't be read.
        """
        plain = self.asked().get(_DRAWN) if self.resumed else None
        try:
            return None if plain is None else Extent(**{name: int(value) for name, value in plain.items()})
        except _UNREADABLE as error:
            raise UserError(
                f"{self.folder / UNFINISHED_FILE} can't be read ({error}): fit again without --resume"
            ) from error

    def keep(self, rungs: Sequence[RungFit], fingerprint: Mapping[str, str]) -> None:
        """Keep all rungs that are done.

        Raises:
            UserError: if the file can't be written.
        """
        tensors: list[Tensor] = []
        texts = {"rungs": json.dumps(to_plain(rungs, tensors)), "fingerprint": json.dumps(dict(fingerprint))}
        named = {
            f"{place}": tensor.detach().cpu().clone() for place, tensor in enumerate(tensors)
        }  # views share memory
        data = safetensors.torch.save(named, texts | {"sha256": checksum(named, texts)})
        write_whole(self.folder / _RUNGS, data)

    def rungs(self, fingerprint: Mapping[str, str]) -> tuple[RungFit, ...]:
        """Return the rungs that are done; none if the fit is not resumed, or none was kept.

        Raises:
            UserError: if they belong to another table, recipe, seed or version, or can't be read.
        """
        file = self.folder / _RUNGS
        if not self.resumed or not file.is_file():
            return ()
        try:
            with safetensors.safe_open(file, framework="pt") as opened:
                metadata = opened.metadata()
                tensors = {name: opened.get_tensor(name).clone() for name in opened.keys()}  # noqa: SIM118  # no dictionary
            texts = {name: metadata[name] for name in ("rungs", "fingerprint")}
            whole = metadata["sha256"] == checksum(tensors, texts)
            kept = json.loads(texts["fingerprint"])
            if whole and kept == dict(fingerprint):
                found: tuple[RungFit, ...] = from_plain(
                    tuple[RungFit, ...], json.loads(texts["rungs"]), [tensors[f"{i}"] for i in range(len(tensors))]
                )
                return found
        except _UNREADABLE as error:
            raise UserError(f"{file} can't be read ({error}): fit again without --resume") from error
        if not whole:
            raise UserError(
                f"{file} was changed after it was written (its checksum differs): fit again without --resume"
            )
        other = ", ".join(name for name in fingerprint if kept.get(name) != fingerprint[name])
        raise UserError(
            f"{self.folder} holds the unfinished fit of something else ({other}): fit again without --resume"
        )

    def forget(self) -> None:
        """Take both files away: the fit has finished, or has nothing to go on from."""
        for name in (_RUNGS, UNFINISHED_FILE):
            (self.folder / name).unlink(missing_ok=True)

    @property
    def started(self) -> bool:
        """Tell whether any rung is kept."""
        return (self.folder / _RUNGS).is_file()
