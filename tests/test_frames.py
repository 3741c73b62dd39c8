"""How tables are asked, wherever they live."""

import subprocess
import sys
from functools import reduce
from operator import or_

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import ROOT, FailedError, frames

WHERE = pytest.mark.parametrize("put", [frames.lazy, small.in_engine])
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2**52 - 1), st.integers(0, 2)))


def rows(made, columns):
    """A frame of texts in the first column and whole numbers in the others."""
    return pd.DataFrame(made, columns=columns).astype(
        {columns[0]: "str", **dict.fromkeys(columns[1:], "int64")}
    )


@WHERE
@small.few
@given(ROWS)
def test_of_each_key_the_digits_are_united_that_any_of_its_rows_has(put, made):
    found = frames.collected(frames.united(put(rows(made, ["key", "one", "two"])), "key", ["one", "two"]))
    keys = sorted({key for key, *_ in made})
    wanted = [
        [key, *(reduce(or_, [row[n] for row in made if row[0] == key]) for n in (1, 2))] for key in keys
    ]
    pd.testing.assert_frame_equal(found, rows(wanted, ["key", "one", "two"]))


@WHERE
def test_without_columns_each_key_is_there_once(put):
    found = frames.collected(frames.united(put(rows([("b",), ("a",), ("b",)], ["key"])), "key", []))
    assert found.to_dict("list") == {"key": ["a", "b"]}


@WHERE
def test_what_is_asked_has_one_type_for_each_kind_of_column(put):
    table = pd.DataFrame(
        {
            "text": pd.array(["b", None, "a"], dtype="str"),
            "number": [2, 3, 2**52],
            "blanks": pd.array([1, None, 3], dtype="Int64"),
            "share": [0.5, np.nan, 0.25],
            "said": [True, False, True],
        }
    )
    found = frames.collected(put(table))
    types = {"text": "str", "number": "int64", "blanks": "float64", "share": "float64", "said": "bool"}
    wanted = table.iloc[[2, 0, 1]].reset_index(drop=True).astype(types)
    pd.testing.assert_frame_equal(found, wanted)


@WHERE
def test_sums_and_numbers_of_rows_are_whole_numbers_whatever_an_engine_adds_them_up_in(put):
    table = put(rows([("a", 2**52), ("a", 2**52), ("b", 1)], ["key", "number"]))
    found = frames.collected(table.group_by("key").agg(n=nw.len(), total=nw.col("number").sum()))
    assert found.to_dict("list") == {"key": ["a", "b"], "n": [2, 1], "total": [2**53, 1]}
    assert found.dtypes.astype(str).tolist() == ["str", "int64", "int64"]


@WHERE
def test_a_true_or_false_may_be_blank(put):
    left, right = (put(rows([(key,)], ["key"])) for key in "ab")
    told = left.join(right.with_columns(said=nw.lit(1) == 1), on="key", how="left")
    assert frames.collected(told)["said"].isna().tolist() == [True]


@WHERE
def test_nothing_has_the_columns_of_something(put):
    found = frames.collected(put(rows([], ["key", "number"])))
    assert found.dtypes.astype(str).to_dict() == {"key": "str", "number": "int64"}


@WHERE
def test_a_small_table_is_put_beside_a_large_one_wherever_that_lives(put):
    large = put(rows([("a", 1), ("b", 2), ("c", 3)], ["key", "number"]))
    beside = frames.beside(rows([("b", 7), ("c", 8)], ["key", "other"]), large)
    assert beside.implementation == large.implementation
    assert frames.collected(large.join(beside, on="key"))["other"].tolist() == [7, 8]


def test_an_engine_that_fails_is_said_in_one_sentence_and_other_faults_stay_what_they_are():
    broken = nw.from_native(duckdb.sql("SELECT error('the disk\n\nis gone') AS key"))
    with pytest.raises(
        FailedError, match=r"^the engine that holds the tables could not answer \(.*the disk\)$"
    ):
        frames.collected(broken)
    with pytest.raises(nw.exceptions.ColumnNotFoundError):
        frames.collected(frames.lazy(rows([], ["key"])).select("other"))


FIRST = """
import sys
import narwhals as nw
import pandas as pd
from analysis.frames import collected, lazy
known = {*sys.modules}
collected(lazy(pd.DataFrame({"n": [1]})).group_by("n").agg(nw.len()))
print(*sorted(name for name in {*sys.modules} - known if name.startswith("narwhals")))
"""


def test_the_first_count_imports_nothing_of_narwhals_any_more():
    """Kernels are forked from what is imported by then, and each would import the rest anew."""
    command = [sys.executable, "-c", FIRST]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert said.strip() == ""
