"""The formula as it is written, read back and computed."""

from __future__ import annotations

import dataclasses

from thetastar.fitting.record import Formula, Input, Term
from thetastar.report.formula import written

from . import records


def test_a_small_formula_reads_as_one_would_write_it() -> None:
    terms = (
        Term(Input("carat", "", "number"), 7756.4),
        Term(Input("cut", "Fair", "category"), -812.0),
        Term(Input("depth", "", "missing"), 1.5),
        Term(Input("certified", "yes", "boolean"), 20.0),
        Term(Input("sold", "", "date"), -0.25),
        Term(Input("sold", "", "year"), 7.0),
        Term(Input("sold", "", "sin_month"), 3.0),
        Term(Input("sold", "", "cos_hour"), 2.0),
    )
    record = dataclasses.replace(records.regression(), formula=Formula(intercept=(-2256.0,), terms=terms))
    (one,) = written(record, "en")
    assert str(one) == (
        "price = − 2,256 + 7,756·carat − 812.0·[cut is Fair] + 1.500·[depth is missing] + 20.00·[certified is yes]"
        " − 0.2500·(days from 1970-01-01 to sold) + 7.000·(year of sold) + 3.000·sin(2π·month of sold/12)"
        " + 2.000·cos(2π·hour of sold/24)"
    )


def test_names_that_would_read_as_numbers_or_operations_are_quoted() -> None:
    record = records.regression()
    names = ("2009", "-1", "a+b", "sold - bought", "load[t-1]", "Sale Price", "km/h", "e-mail")
    terms = tuple(Term(Input(name, "", "number"), 2.0) for name in names)
    record = dataclasses.replace(record, formula=Formula(intercept=(1.0,), terms=terms))
    record = dataclasses.replace(record, target=dataclasses.replace(record.target, name="2010"))
    assert str(written(record, "en")[0]) == (
        "“2010” = 1.000 + 2.000·“2009” + 2.000·“-1” + 2.000·“a+b” + 2.000·“sold - bought” + 2.000·load[t-1]"
        " + 2.000·Sale Price + 2.000·km/h + 2.000·e-mail"
    )


def test_a_positive_intercept_carries_no_plus() -> None:
    record = dataclasses.replace(records.regression(), formula=Formula(intercept=(3.25,), terms=()))
    assert [str(one) for one in written(record, "zh")] == ["price = 3.250"]


def test_each_class_has_its_score_with_its_own_terms() -> None:
    formulas = written(records.classification(), "en")
    assert [one.left for one in formulas] == ["score for Adélie", "score for Chinstrap", "score for Gentoo"]
    assert [len(one.terms) for one in formulas] == [3, 3, 3]
    assert formulas[1].terms[1].size == "1.400"


def test_a_single_score_of_two_classes_belongs_to_the_second() -> None:
    record = records.classification()
    two = dataclasses.replace(record.target, classes=("no", "yes"))
    record = dataclasses.replace(record, target=two, formula=Formula(intercept=(0.5,), terms=()))
    assert [one.left for one in written(record, "en")] == ["score for yes"]


def test_no_formula() -> None:
    assert written(dataclasses.replace(records.regression(), formula=None), "en") == ()
