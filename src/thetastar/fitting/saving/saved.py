"""A found function as one file: numbers (safetensors) and a description (JSON), no code.

Loading never runs anything that the file holds. Sizes that the description declares are compared with the tensor's
shape before memory is asked for, and a checksum tells a damaged file from a whole one. (It is no signature: whoever
can write the file can write the checksum as well.)
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from thetastar.data import Column, Encoding, Target
from thetastar.errors import SavedFunctionError
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.history import History
from thetastar.fitting.intervals import Intervals
from thetastar.fitting.problem import Scale
from thetastar.fitting.record import RECORD_FORMAT, Record
from thetastar.fitting.saving.formats import check_format, other_fields
from thetastar.fitting.saving.marks import MarksDescription, describe_marks, mark_shapes, mark_tensors, marks_from
from thetastar.fitting.saving.plain import from_plain, to_plain
from thetastar.fitting.saving.whole import write_whole
from thetastar.functions import FunctionSet

__all__ = [
    "FUNCTION_FILE",
    "RECORD_FILE",
    "UNFINISHED_FILE",
    "checksum",
    "files_of",
    "load_record",
    "load_saved",
    "save",
    "save_record",
]

FUNCTION_FILE = "function.theta"  # in a run's folder
RECORD_FILE = "record.json"
UNFINISHED_FILE = "unfinished.json"  # what was asked for, while a fit runs and after one that was killed

_FORMAT = 2
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, RecursionError)  # what a wrong description can cause


@dataclass(frozen=True)
class Description:
    """Everything about a function but its numbers."""

    functions: FunctionSet
    encodings: tuple[Any, ...]
    scales: tuple[Scale, ...]
    plain: int
    target: Target
    columns: tuple[Column, ...]
    intervals: Intervals | None
    history: History | None
    marks: MarksDescription | None


def save(function: FoundFunction, path: str | os.PathLike[str], *, record: Record | None = None) -> Path:
    """Write a function, and the record of how it was found, to one file; return where it is.

    The file appears under its name once it is whole: an interrupted save leaves what was there before.

    Raises:
        UserError: if the file can't be written.
    """
    description = to_plain(_describe(function))
    texts = {"function": _dump(description), "record": _dump(to_plain(record)) if record else ""}
    tensors = {"theta": function.state.detach().contiguous().cpu(), **mark_tensors(function.marks)}
    metadata = {"thetastar": str(_FORMAT), "version": version("thetastar"), "sha256": checksum(tensors, texts), **texts}
    return write_whole(path, safetensors.torch.save(tensors, metadata))


def save_record(record: Record, path: str | os.PathLike[str]) -> Path:
    """Write a record as JSON; return where it is.

    Raises:
        UserError: if the file can't be written.
    """
    return write_whole(path, _dump(record.to_json(), indent=1).encode())


def load_saved(path: str | os.PathLike[str]) -> tuple[FoundFunction, Record | None]:
    """Read a function that ``save`` wrote, from its file or from the folder of a run. No code in it is run.

    Raises:
        SavedFunctionError: if the file is absent, truncated, damaged, of a newer format, or no saved function.
    """
    file = _find(Path(path), FUNCTION_FILE)
    try:
        with safetensors.safe_open(file, framework="pt") as opened:
            texts = _check_format(file, opened.metadata() or {})
            description = _read(file, texts["function"], writer=opened.metadata().get("version"))
            _check_sizes(file, description, opened)
            tensors = {name: opened.get_tensor(name).clone() for name in opened.keys()}  # noqa: SIM118  # not a dictionary
            declared = opened.metadata()["sha256"]
    except (safetensors.SafetensorError, OSError) as error:
        raise SavedFunctionError(
            f"{file} can't be read as a saved function ({error}): it was cut short, or is no .theta file; copy it "
            "again, or save the function again"
        ) from error
    if declared != checksum(tensors, texts):
        raise SavedFunctionError(f"{file} was changed after it was saved (its checksum differs): copy it again")
    return _build(file, description, tensors), _read_record(file, texts["record"])


def load_record(path: str | os.PathLike[str]) -> Record:
    """Read the record of a run from its folder, its JSON file, or a saved function.

    In a folder it is read from the function, so that both are of the same fit even where a crash came between them.

    Raises:
        SavedFunctionError: if it can't be read, or the saved function was saved without one.
    """
    folder = Path(path)
    file = _find(folder, FUNCTION_FILE if (folder / FUNCTION_FILE).is_file() else RECORD_FILE)
    if file.suffix.lower() == ".json":
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SavedFunctionError(f"{file} can't be read: {error}") from error
        record = _read_record(file, text)
    else:
        record = load_saved(file)[1]
    if record is None:
        raise SavedFunctionError(f"{file} holds a function but no record of how it was found: fit again to get one")
    return record


def _describe(function: FoundFunction) -> Description:
    return Description(
        functions=function.functions,
        encodings=tuple(encoding.to_json() for encoding in function.encodings),
        scales=function.scales,
        plain=function.plain,
        target=function.target,
        columns=function.columns,
        intervals=function.intervals,
        history=function.history,
        marks=describe_marks(function.marks),
    )


def _build(file: Path, description: Description, tensors: Mapping[str, Tensor]) -> FoundFunction:
    """Return the function, after checking that its encodings fill the inputs that its set of functions reads."""
    encodings = tuple(Encoding.from_json(values) for values in description.encodings)
    plain = max(encoding.plain for encoding in encodings)
    inputs = plain + max(encoding.width - encoding.plain for encoding in encodings)
    if (plain, inputs) != (description.plain, description.functions.inputs):
        raise SavedFunctionError(
            f"{file} contradicts itself: its encodings make {plain} plain of {inputs} inputs, its function reads "
            f"{description.plain} of {description.functions.inputs}; save the function again"
        )
    if description.history is not None and not description.history.consistent():
        raise SavedFunctionError(f"{file} contradicts itself: the rows of its series lack columns; save it again")
    try:
        marks = marks_from(description.marks, tensors)
    except ValueError as error:
        raise SavedFunctionError(f"{file} contradicts itself: {error}; save the function again") from error
    return FoundFunction(
        functions=description.functions,
        state=tensors["theta"],
        encodings=encodings,
        scales=description.scales,
        plain=description.plain,
        target=description.target,
        columns=description.columns,
        intervals=description.intervals,
        history=description.history,
        marks=marks,
    )


def _check_format(file: Path, metadata: dict[str, str]) -> dict[str, str]:
    """Return the descriptions; refuse files of others, and those of another format."""
    if not {"thetastar", "sha256", "function", "record"} <= set(metadata):
        raise SavedFunctionError(
            f"{file} holds tensors but no function of thetastar (seen: {sorted(metadata) or 'no description'})"
        )
    writer = metadata.get("version")
    check_format(file, "function", seen=metadata["thetastar"], reads=_FORMAT, writer=writer)
    return {name: metadata[name] for name in ("function", "record")}


def _check_sizes(file: Path, description: Description, opened: Any) -> None:
    """Compare the declared sizes with the tensor's, which is still on disk."""
    seen = {name: (opened.get_slice(name).get_dtype(), opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118  # not a dictionary
    members, size = len(description.encodings), description.functions.state_size
    outputs = len(description.target.classes) or 1
    wanted = {"theta": ("F32", [members, size]), **mark_shapes(description.marks)}
    fits = seen == wanted and members > 0
    if not fits or len(description.scales) != members or description.functions.outputs != outputs:
        raise SavedFunctionError(
            f"{file} contradicts itself: {members} encodings, {len(description.scales)} scales, {outputs} outputs and "
            f"tensors {wanted} are declared, the tensors are {seen}; copy it again, or save the function again"
        )


def _read(file: Path, text: str, *, writer: str | None) -> Description:
    try:
        values = json.loads(text)
    except _UNREADABLE as error:
        raise _damaged(file, "description", error) from error
    try:
        description: Description = from_plain(Description, values)
    except _UNREADABLE as error:
        raise other_fields(file, "description", error, writer=writer) from error
    return description


def _damaged(file: Path, what: str, error: Exception) -> SavedFunctionError:
    return SavedFunctionError(f"the {what} in {file} can't be read ({type(error).__name__}: {error}): copy it again")


def _read_record(file: Path, text: str) -> Record | None:
    """Return the record; a text that is cut short is told from one that another version wrote whole."""
    if not text:
        return None
    try:
        values = json.loads(text)
        seen, writer = values["format"], values.get("versions", {}).get("thetastar")
    except _UNREADABLE as error:
        raise _damaged(file, "record", error) from error
    check_format(file, "record", seen=seen, reads=RECORD_FORMAT, writer=writer)
    try:
        return Record.from_json(values)
    except _UNREADABLE as error:
        raise other_fields(file, "record", error, writer=writer) from error


def _find(path: Path, name: str) -> Path:
    """Return the file that is meant: the path itself, or the file of that name in a run's folder."""
    file = path / name if path.is_dir() else path
    if not file.is_file() and (path / UNFINISHED_FILE).is_file():
        raise SavedFunctionError(
            f"the fit in {path} is not finished, as it was cut short or still runs: `thetastar fit --resume {path}` "
            "goes on with one that was cut short"
        )
    if not file.is_file():
        raise SavedFunctionError(f"there is no file {file}: give the folder of a run, or a file that was saved")
    return file


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the files that hold the function and the record of a run's folder; of a saved function, itself."""
    return (path / FUNCTION_FILE, path / RECORD_FILE) if path.is_dir() else (path,)


def _dump(values: Any, *, indent: int | None = None) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, indent=indent)


def checksum(tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> str:
    """Return a checksum over numbers and texts: it tells a damaged file from a whole one, and is no signature."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(tensors[name].numpy().tobytes())
    for name in sorted(texts):
        digest.update(f"\0{name}\0{texts[name]}".encode())
    return digest.hexdigest()
