"""Eleven real tables as files that a person might have, and what is known of how well each can be predicted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from sklearn import datasets

__all__ = ["TABLES", "RealTable"]

_ADULT = "age,workclass,fnlwgt,education,years,marital,occupation,relationship,race,sex,gain,loss,hours,country,income"
_CHINESE = {
    "carat": "克拉", "cut": "切工", "color": "颜色", "clarity": "净度", "depth": "全深比",
    "table": "台宽比", "price": "价格", "x": "长", "y": "宽", "z": "高",
}  # fmt: skip
_CUTS = {"Fair": "一般", "Good": "良好", "Very Good": "很好", "Premium": "优质", "Ideal": "理想"}
_SOME = 8_000  # diamonds, so that ten fits stay within minutes

Write = Callable[[Path, Path], Path]


@dataclass(frozen=True)
class RealTable:
    """A table and what a fit of it has to reach.

    Attributes:
        name: Of the table.
        write: Makes the file in a folder (its second argument is the folder of the shared data); returns it.
        target: Column to predict.
        most: Largest mean validation loss of the kept rung, as a share of the constant's.
        arguments: Of the command line, besides file, target and budget.
        shared: Whether it comes from the shared data beside the repository.
        pastless: How many rows at most have no prediction, because what came before them isn't in the file.
    """

    name: str
    write: Write
    target: str
    most: float
    arguments: tuple[str, ...] = ()
    shared: bool = False
    pastless: int = 0


def _plotnine(name: str) -> pd.DataFrame:
    """Return a table that comes with plotnine."""
    data = pytest.importorskip("plotnine.data", reason="plotnine holds this table: make real installs it")
    table: pd.DataFrame = getattr(data, name).copy()
    return table


def _diamonds(folder: Path, _shared: Path) -> Path:
    file = folder / "diamonds.csv"
    _plotnine("diamonds").sample(_SOME, random_state=0).to_csv(file, index=False)
    return file


def _rare(folder: Path, _shared: Path) -> Path:
    """Write diamonds of which 3 % have a fair cut; which ones can be told from the proportions."""
    table = _plotnine("diamonds").sample(_SOME, random_state=1)
    table["fair"] = (table.pop("cut").astype(str) == "Fair").map({True: "yes", False: "no"})
    table.to_csv(folder / "fair.csv", index=False)
    return folder / "fair.csv"


def _chinese(folder: Path, _shared: Path) -> Path:
    """Write diamonds as a spreadsheet in China would save them."""
    table = _plotnine("diamonds").sample(_SOME, random_state=2)
    table["cut"] = table["cut"].astype(str).map(_CUTS)
    table.rename(columns=_CHINESE).to_csv(folder / "钻石.csv", index=False, encoding="gb18030")
    return folder / "钻石.csv"


def _mpg(folder: Path, _shared: Path) -> Path:
    _plotnine("mpg").to_csv(folder / "mpg.csv", index=False, sep=";", decimal=",")
    return folder / "mpg.csv"


def _sklearn(name: str) -> Write:
    def write(folder: Path, _shared: Path) -> Path:
        bunch = getattr(datasets, f"load_{name}")(as_frame=True)
        bunch.frame.to_csv(folder / f"{name}.csv", index=False)
        return folder / f"{name}.csv"

    return write


def _named(name: str) -> Write:
    """Write a table of scikit-learn with its classes by name."""

    def write(folder: Path, _shared: Path) -> Path:
        bunch = getattr(datasets, f"load_{name}")(as_frame=True)
        table = bunch.data.assign(target=[str(bunch.target_names[code]) for code in bunch.target])
        table.to_parquet(folder / f"{name}.parquet", index=False)
        return folder / f"{name}.parquet"

    return write


def _adult(folder: Path, shared: Path) -> Path:
    """Write the census table with a header; everything else is as it was published."""
    (folder / "adult.csv").write_text(_ADULT + "\n" + (shared / "adult.data").read_text())
    return folder / "adult.csv"


def _covid(_folder: Path, shared: Path) -> Path:
    return shared / "covid.train.csv"


def _pm25(folder: Path, shared: Path) -> Path:
    """Write the hourly measurements of air one hour a row; "NR" (no rain) and the encoding stay as they are."""
    days = pd.read_csv(shared / "pm25.train.csv", encoding="big5", dtype=str)
    days = days.rename(columns={days.columns[0]: "date", days.columns[2]: "observation"}).drop(columns=days.columns[1])
    hours = days.melt(["date", "observation"], var_name="hour")
    hours["time"] = pd.to_datetime(hours["date"]) + pd.to_timedelta(hours["hour"].astype(int), unit="h")
    table = hours.pivot(index="time", columns="observation", values="value").reset_index()
    table.to_csv(folder / "pm25.csv", index=False)
    return folder / "pm25.csv"


TABLES = (
    RealTable("diamonds", _diamonds, "price", 0.035),
    RealTable("fair diamonds, 3 %", _rare, "fair", 0.45),
    RealTable("diamonds in Chinese", _chinese, "价格", 0.035, ("--lang", "zh")),
    RealTable("mpg", _mpg, "hwy", 0.15),
    RealTable("diabetes", _sklearn("diabetes"), "target", 0.56),
    RealTable("breast cancer", _named("breast_cancer"), "target", 0.2),
    RealTable("wine", _named("wine"), "target", 0.12),
    RealTable("iris", _sklearn("iris"), "target", 0.2, ("--task", "classification")),
    RealTable("adult", _adult, "income", 0.6, shared=True),
    RealTable("pm25", _pm25, "PM2.5", 0.3, ("--time", "time", "--lags", "9"), shared=True, pastless=12 * 9),
    RealTable("covid", _covid, "tested_positive_3", 0.08, shared=True),
)
