"""Addresses: what stands in a file of the results, and what an address that leads nowhere is told."""

import pytest

from analysis.audit.addresses import Address, AddressError, of, value

PEOPLE = """borough,role,people,share
A,nurse,9,0.445
A,doctor,1,0.05
B,nurse,6,0.125
B,,2,
all,,18,1
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "run.json").write_text('{"software": {"python": "3.11"}, "limit": 5}')
    (tmp_path / "plan.toml").write_text("[limits]\nseconds = 600\n")
    (tmp_path / "tables").mkdir()
    for name in ("table-1.csv", "table-2.csv", "table-a1.csv", "table-1.html"):
        (tmp_path / "tables" / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (Address("people.csv", "borough=all", "people", "value"), "18"),
        (Address("people.csv", "borough=A; role=nurse", "people", "value"), "9"),
        (Address("people.csv", "borough!=all", "people", "sum"), "18"),
        (Address("people.csv", "role=nurse|doctor", "people", "sum"), "16"),
        (Address("people.csv", "borough!=all|A", "people", "sum"), "8"),
        (Address("people.csv", "role=", "", "rows"), "2"),
        (Address("people.csv", "", "", "rows"), "5"),
        (Address("people.csv", "role!=nurse; borough=B", "", "rows"), "1"),
        (Address("people.csv", "", "role", "different"), "2"),
        (Address("people.csv", "role=midwife", "borough", "different"), "0"),
        (Address("people.csv", "role=midwife", "people", "sum"), "0"),
        (Address("people.csv", "borough!=all", "borough", "largest people"), "A"),
        (Address("people.csv", "borough!=all", "role", "smallest people"), "doctor"),
        (Address("people.csv", "role=nurse", "role", "largest people"), "nurse"),
        (Address("tables/table-?.csv", "", "", "files"), "2"),
        (Address("tables/*.csv", "", "", "files"), "3"),
        (Address("run.json", "", "software.python", "value"), "3.11"),
        (Address("run.json", "", "limit", "value"), "5"),
        (Address("plan.toml", "", "limits.seconds", "value"), "600"),
    ],
    ids=str,
)
def test_an_address_gives_one_value(root, address, found):
    assert value(root, address) == found


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("value, percent", "45"),
        ("value, percent 1", "44.5"),
        ("value, round 2", "0.45"),
        ("value, round", "0"),
        ("value, percent 1, round", "45"),
    ],
)
def test_a_value_is_rounded_half_away_from_nought_as_papers_do(root, rule, found):
    assert value(root, Address("people.csv", "role=nurse; borough=A", "share", rule)) == found


def test_largest_names_all_that_are_equally_large(root):
    (root / "two.csv").write_text("name,n\nA,3\nB,1\nC,3\n")
    assert value(root, Address("two.csv", "", "name", "largest n")) == "A and C"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (Address("peple.csv", "", "people", "sum"), 'no file "peple.csv". Did you mean "people.csv"?'),
        (Address("table/table-1.csv", "", "", "rows"), 'no file "table/table-1.csv"'),
        (Address("people.csv", "", "poeple", "sum"), 'no column "poeple". Did you mean "people"?'),
        (
            Address("people.csv", "borrough=A", "people", "sum"),
            'no column "borrough". Did you mean "borough"?',
        ),
        (Address("people.csv", "borough A", "people", "sum"), '"borough A" is not of the form column=value'),
        (Address("people.csv", "role=nurze", "people", "value"), 'no row has that. Did you mean "nurse"?'),
        (Address("people.csv", "role=nurse", "people", "value"), "2 rows have that, and the rule needs one"),
        (Address("people.csv", "", "people", "summ"), '"summ" is no rule. Did you mean "sum"?'),
        (Address("people.csv", "", "role", "sum"), '"nurse" is no number'),
        (Address("people.csv", "borough=D", "role", "largest people"), "no row has that"),
        (Address("people.csv", "", "role", "largest peple"), 'no column "peple". Did you mean "people"?'),
        (Address("people.csv", "borough=all", "share", "value, rounded 1"), "is no way to round"),
        (Address("run.json", "", "software.pyton", "value"), 'no "pyton" of software.pyton. Did you mean'),
        (Address("run.json", "", "limit.most", "value"), 'no "most" of limit.most'),
        (Address("../people.csv", "", "", "rows"), "is not below the folder of the results"),
        (Address("/etc/hosts", "", "", "rows"), "is not below the folder of the results"),
        (Address("../*", "", "", "files"), "is not below the folder of the results"),
    ],
    ids=str,
)
def test_an_address_that_leads_nowhere_says_what_of_it_does(root, address, says):
    with pytest.raises(AddressError) as caught:
        value(root, address)
    assert says in str(caught.value)
    assert not str(caught.value).endswith(" ")


def test_a_row_without_an_address_has_none():
    assert of({"claim": "x", "file": "", "row": None, "column": float("nan"), "rule": ""}) is None
    assert of({"claim": "x", "file": "a.csv", "rule": "rows"}) == Address("a.csv", rule="rows")
