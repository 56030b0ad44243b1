"""What holds for the package as a whole: who imports whom, what is public, and that what is written runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.metadata
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from tokenize import COMMENT

import pytest

import thetastar

PACKAGE = Path(thetastar.__file__).parent  # where it is installed, so that the built wheel is tested too
README = Path(__file__).resolve().parents[1] / "README.md"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# A room may import itself and the rooms above it.
ROOMS = (
    "errors",
    "arrays",
    "budget",
    "interrupted",
    "data",
    "functions",
    "losses",
    "descent",
    "landscape",
    "guide",
    "fitting",
    "report",
    "estimators",
    "cli",
    "integrations",
    "__main__",
)
# What a room knows nothing of, whatever stands above it.
NOT_IN = {
    "data": {"torch"},
    "guide": {"polars", "narwhals", "plotly", "jinja2", "thetastar.data"},
}

# "# type: ignore[arg-type]  # the stubs don't know …"
IGNORE_WITH_REASON = re.compile(r"# type: ignore\[[\w, -]+\]\s+#\s*\w")


def module_name(path: Path) -> str:
    parts = ("thetastar", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    """The room that a module belongs to; None for the package itself and for everything outside it."""
    parts = module.split(".")
    return parts[1] if parts[0] == "thetastar" and len(parts) > 1 else None


def imported_modules(source: str, module: str) -> Iterator[str]:
    """Every module that a source imports anywhere in it, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides which room it reaches"
            # `from thetastar import data` names a room as `from thetastar.data import read` does.
            names = [f"thetastar.{alias.name}" for alias in node.names] if node.module == "thetastar" else []
            yield from names or [str(node.module)]


def direction_errors(source: str, module: str) -> list[str]:
    """What a module imports from rooms below its own, or from what its room must know nothing of."""
    room = room_of(module)
    if room is None:
        return []
    errors = []
    for imported in imported_modules(source, module):
        target = room_of(imported)
        below = target in ROOMS and ROOMS.index(target) > ROOMS.index(room)
        banned = any(f"{imported}.".startswith(f"{name}.") for name in NOT_IN.get(room, ()))
        if below or banned or imported == "thetastar":
            errors.append(f"{module} imports {imported}")
    return errors


def test_import_direction_check_sees_a_wrong_import() -> None:
    assert direction_errors("from thetastar.report import page", "thetastar.guide.tree")
    assert direction_errors("def f():\n    import thetastar.cli", "thetastar.report.page")
    assert direction_errors("from thetastar import fitting", "thetastar.losses.squared")
    assert direction_errors("import torch.nn", "thetastar.data.read")
    assert not direction_errors("from thetastar.data import read\nimport torch", "thetastar.fitting.fit")


def test_every_module_belongs_to_a_room() -> None:
    rooms = {room_of(module_name(path)) for path in SOURCES} - {None, "__main__"}
    assert rooms <= set(ROOMS)


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_rooms_import_only_rooms_above(path: Path) -> None:
    assert direction_errors(path.read_text("utf-8"), module_name(path)) == []


def offered(path: Path) -> set[str] | None:
    """The names in a module's ``__all__``; None if it has none."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return None


OFFERED = {module_name(path): offered(path) for path in SOURCES}


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_modules_import_what_others_offer(path: Path) -> None:
    hidden = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in OFFERED
        for alias in node.names
        if f"{node.module}.{alias.name}" not in OFFERED and alias.name not in (OFFERED[node.module] or {alias.name})
    ]
    assert hidden == [], "not in the __all__ of where it is from"


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_type_errors_are_ignored_by_code_and_with_a_reason(path: Path) -> None:
    with path.open("rb") as file:
        comments = [token.string for token in tokenize.tokenize(file.readline) if token.type == COMMENT]
    ignores = [comment for comment in comments if "type: ignore" in comment]
    assert [comment for comment in ignores if not IGNORE_WITH_REASON.match(comment)] == []


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_docstring_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(module_name(path))
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(module, optionflags=options).failed == 0


def test_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_version_is_the_installed_one() -> None:
    assert thetastar.__version__ == importlib.metadata.version("thetastar")


def readme_section(title: str) -> str:
    """The text under a heading of the README, up to the next heading of the same level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README.read_text("utf-8"), re.M | re.S)
    assert found, f"README.md has no section {title!r}"
    return found[1]


def test_readme_lists_what_is_public() -> None:
    documented = re.findall(r"`ts\.([A-Za-z_]\w*)", readme_section("Public names"))
    assert sorted(documented) == sorted(set(documented)), "a name is listed twice"
    assert set(documented) == set(thetastar.__all__) - {"__version__"}
    assert all(hasattr(thetastar, name) for name in thetastar.__all__)


@pytest.mark.slow
def test_readme_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)
    assert blocks
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "readme"}
    for block in blocks:  # in order, each going on from the one before
        exec(compile(block, str(README), "exec"), names)
