"""Ctrl-C while the command begins: one line and the shell's code, wherever it comes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from thetastar.interrupted import INTERRUPTED, asked_language, interrupted
from thetastar.report.words import LANGUAGES, say

# Python's own start is left out: the interrupt is raised where a library begins to be imported.
INTERRUPT = """
import sys
from importlib.abc import MetaPathFinder

class Press(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == {library!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Press())
sys.argv = ["thetastar", {words}]
from thetastar.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("command", "library"),
    [("fit", "rich.console"), ("fit", "torch"), ("fit", "plotly"), ("predict", "sklearn"), ("report", "jinja2")],
)
def test_ctrl_c_while_libraries_are_loaded_is_one_line(command: str, library: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,2\n2,3\n")
    given = {"fit": ["t.csv", "--target", "y"], "predict": ["run", "t.csv"], "report": ["run"]}[command]
    words = ", ".join(map(repr, [command, *given, "--lang", "zh"]))
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPT.format(library=library, words=words)],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert (done.returncode, done.stdout) == (INTERRUPTED, "")
    assert done.stderr.strip() == say("cli.interrupted", "zh")
    assert os.listdir(tmp_path) == ["t.csv"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_its_words_are_those_of_the_catalogue(lang: str) -> None:
    assert interrupted(lang) == say("cli.interrupted", lang)
    assert asked_language(["thetastar", "fit", "t.csv", f"--lang={lang}"]) == lang
    assert asked_language(["thetastar", "fit", "t.csv", "--lang", lang, "--quiet"]) == lang
