"""Numbers on pages: each is backed by a value of the results, and each row by a number."""

import csv
import json

import pytest

from analysis import ROOT
from analysis.audit import numbers
from analysis.measures.disclosure import MIN_PEOPLE
from analysis.runs.specification import specification

HEADER = "page,words,number,file,row,column,rule,why"
README = """# A study of two wards

It lists 90 people; of **five** groups nobody is quoted. It is one study.
It simulates 1,000 times, `RUNS=03` runs, see [the plan](docs/2.md) and Table 1, Tables 1–3 and Boxes 1 and 2.

```
make 47 things
```

It needs Python 3.11.
"""
LISTED = [
    "README.md,of two wards,two,data/people.csv,,ward,different,",
    "README.md,lists 90 people,90,data/people.csv,,people,sum,",
    "README.md,of **five** groups,five,data/people.csv,quoted=no,,rows,",
    'README.md,"simulates 1,000 times","1,000",data/run.json,,studies,value,',
    "README.md,Python 3.11,3.11,,,,name,a version",
    "notebooks/01.ipynb,has three codes,three,data/run.json,,codes,value,",
]
PEOPLE = "ward,people,quoted\nA,60,yes\nA,10,no\nA,5,no\nA,5,no\nB,5,no\nB,5,no\n"


@pytest.fixture
def root(tmp_path):
    """A page, a notebook, the results behind them, and the list."""
    cells = [
        {"cell_type": "markdown", "source": ["## Codes\n", "\n", "The record has\n", "three codes."]},
        {"cell_type": "code", "source": ["limit = 12"]},
    ]
    files = {
        "README.md": README,
        "notebooks/01.ipynb": json.dumps({"cells": cells}),
        "data/people.csv": PEOPLE,
        "data/run.json": '{"studies": 1000, "codes": 3}',
        "docs/numbers.csv": "\n".join([HEADER, *LISTED, ""]),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def changed(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def only(root):
    (problem,) = numbers.check(root)
    return problem


def test_pages_whose_numbers_are_all_backed_have_no_problem(root):
    assert numbers.check(root) == []


def test_a_changed_number_of_a_page_is_found_with_both_values(root):
    changed(root / "README.md", "90 people", "91 people")
    assert only(root) == (
        'README.md: "lists 90 people", docs/numbers.csv, line 3: the page says "91", '
        'and data/people.csv, column "people", rule "sum" gives 90'
    )


def test_a_changed_number_in_words_is_found(root):
    changed(root / "README.md", "five", "four")
    assert 'the page says "four", and data/people.csv, row "quoted=no", rule "rows" gives 5' in only(root)


def test_a_changed_number_of_a_notebook_is_found(root):
    changed(root / "notebooks/01.ipynb", "three codes", "four codes")
    assert only(root).startswith('notebooks/01.ipynb: "has three codes"')


def test_a_changed_result_is_found_on_the_page_that_tells_the_old_one(root):
    changed(root / "data/people.csv", "A,60,yes", "A,61,yes")
    assert 'the page says "90", and data/people.csv, column "people", rule "sum" gives 91' in only(root)


def test_a_changed_name_is_found(root):
    changed(root / "README.md", "Python 3.11", "Python 3.12")
    assert 'the page says "3.12", and the row has 3.11' in only(root)


@pytest.mark.parametrize("more", ["All 47 agree.", "All forty agree.", "Some 3.5 % agree.", "See E07."])
def test_a_number_without_a_row_is_found_with_the_words_around_it(root, more):
    changed(root / "README.md", "It is one study.", f"It is one study. {more}")
    assert only(root).startswith("README.md: ")
    assert only(root).endswith("is backed by no row of docs/numbers.csv")
    assert more in only(root)


def test_a_sentence_that_is_gone_leaves_a_row_that_is_found(root):
    changed(root / "README.md", "It needs Python 3.11.", "")
    assert only(root) == 'README.md: "Python 3.11", docs/numbers.csv, line 6, is no longer there'


def test_a_row_that_is_gone_leaves_a_number_that_is_found(root):
    changed(root / "docs/numbers.csv", LISTED[1] + "\n", "")
    assert only(root).startswith('README.md: "90" in "')


def test_without_a_list_no_number_is_backed(root):
    (root / "docs/numbers.csv").unlink()
    assert len(numbers.check(root)) == len(LISTED)


def test_words_that_stand_twice_back_nothing_for_certain(root):
    changed(root / "README.md", "It is one study.", "It lists 90 people.")
    assert only(root) == 'README.md: "lists 90 people", docs/numbers.csv, line 3, stands 2 times'


def test_a_table_that_is_gone_is_found_by_the_number_that_stands_in_it(root):
    (root / "data/run.json").unlink()
    assert all('there is no file "data/run.json"' in problem for problem in numbers.check(root))
    assert len(numbers.check(root)) == 2


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("name,a version", "name,", '"Python 3.11" is a name, and the row does not say why'),
        ("lists 90 people,90", "lists 90 people,91", "hold the numbers ['90']; expected \"91\" alone"),
        ("lists 90 people,90", "lists people,90", 'hold the numbers []; expected "90" alone'),
        ("people,sum", "people,summ", '"summ" is no rule. Did you mean "sum"?'),
        ("README.md,Python", "READ.md,Python", '"READ.md" is no page whose numbers are listed. Did you mean'),
    ],
)
def test_a_row_that_cannot_be_right_is_found_by_its_line(root, before, after, says):
    changed(root / "docs/numbers.csv", before, after)
    assert any(says in problem for problem in numbers.check(root))


def test_a_number_whose_way_of_writing_changed_is_found(root):
    changed(root / "README.md", "1,000", "1000")
    assert 'the page says "1000", and the row has "1,000"' in only(root)


def test_names_with_numbers_and_the_word_one_are_no_numbers():
    text = (
        "Table A1, Tables 1, 2, 3 and A1, Tables 1 to 3, Box 2, Bussu and Marshall (2020), one of a SHA-256"
    )
    assert numbers.numbers(text) == []
    assert [match[0] for match in numbers.numbers("Bussu and Marshall (2021)")] == ["2021"]


@pytest.mark.parametrize(
    ("written", "value"), [("1,000", "1000"), ("Twelve", "12"), ("3.11", "3.11"), ("forty", "40")]
)
def test_a_number_in_words_is_a_number_in_digits(written, value):
    assert numbers.figures(written) == value


# the pages of this checkout


def test_every_number_of_the_pages_is_backed():
    assert numbers.check(ROOT) == []


def test_the_list_has_the_columns_that_it_is_read_by():
    with (ROOT / numbers.LIST).open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == numbers.COLUMNS


def test_most_numbers_are_results_and_few_are_names():
    names = [row for row in numbers.listed(ROOT) if row["rule"] == numbers.NAME]
    assert len(names) < len(numbers.listed(ROOT)) / 3
    assert all(row["why"] and not row["file"] for row in names)


def test_every_page_is_looked_at():
    pages = {"README.md"} | {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {*numbers.texts(ROOT)} == pages


def test_the_limit_of_a_release_is_that_of_the_plan():
    """The README tells the one by the address of the other."""
    assert specification()["parameters"]["min_people"]["default"] == MIN_PEOPLE
