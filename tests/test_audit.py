"""Claims, held against the evidence."""

import json
import shutil

import pandas as pd
import pytest

from analysis import ROOT, study
from analysis.__main__ import main
from analysis.audit import claims

CLAIMS = pd.DataFrame(
    {
        "claim": ["people", "groups", "hours", "picture"],
        "where": ["Methods"] * 4,
        "printed": ["ninety people", "five groups", "over 200 h", "a picture"],
        "value": ["90", "5", "200", None],
        "kind": ["computed", "computed", "attested", "not reproducible"],
        "computed_by": ["01#facts", "01#facts", None, None],
        "fact": ["people listed", "group interviews", None, None],
    }
)
PEOPLE = {"file": "people.csv", "row": "borough=all", "column": "people", "rule": "value"}
PAPER = "bussu-marshall-2020"
KEPT = f"data/derived/{PAPER}"


def executed(folder, run, found):
    data = claims.facts(CLAIMS, found)._repr_mimebundle_()
    cell = {"metadata": {"tags": ["facts"]}, "outputs": [{"data": data}]}
    path = folder / "notebooks" / f"{run}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": [{"metadata": {}}, cell]}))


def test_a_claim_agrees_or_differs_by_what_the_evidence_says(tmp_path):
    executed(tmp_path, "01", {"people listed": 90, "group interviews": 6})
    rows = claims.ledger(CLAIMS, tmp_path)
    assert rows["verdict"].tolist() == ["agrees", "differs", "attested", "not reproducible"]
    assert rows["computed"].tolist() == ["90", "6", "", ""]
    assert rows["printed"].tolist() == ["90", "5", "200", "a picture"]
    assert rows["cell"].tolist() == ["facts", "facts", "", ""]


def test_a_claim_without_a_computation_is_an_error_by_name(tmp_path):
    with pytest.raises(claims.ClaimError, match="people: no cell 01#facts; groups: no cell 01#facts"):
        claims.ledger(CLAIMS, tmp_path)


def test_a_claim_without_an_address_whose_value_is_no_longer_found_differs(tmp_path):
    executed(tmp_path, "01", {"people listed": 90})
    assert claims.ledger(CLAIMS, tmp_path)["verdict"].tolist()[:2] == ["agrees", "differs"]


def test_a_value_of_another_run_does_not_count(tmp_path):
    executed(tmp_path, "02", {"people listed": 90, "group interviews": 5})
    with pytest.raises(claims.ClaimError):
        claims.ledger(CLAIMS, tmp_path)


def test_a_study_without_claims_has_an_empty_ledger(tmp_path):
    assert claims.ledger(CLAIMS.iloc[:0], tmp_path).empty
    assert claims.tally(claims.ledger(CLAIMS.iloc[:0], tmp_path))["claims"].sum() == 0


def test_the_cell_shows_the_papers_words_beside_both_values():
    shown = claims.facts(CLAIMS, {"people listed": 91})._repr_mimebundle_()["text/html"]
    assert all(text in shown for text in ("ninety people", "90", "91", "differs"))


def test_every_fact_that_a_claim_names_is_in_the_kept_evidence(paper):
    found = claims.evidence(ROOT / KEPT / "notebooks")
    due = paper.claims[paper.claims["kind"] == "computed"]
    assert {(row.computed_by, row.fact) for row in due.itertuples()} <= set(found)


def test_the_kept_ledger_follows_from_the_kept_evidence(paper):
    kept = pd.read_csv(ROOT / KEPT / "claims.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(kept, claims.ledger(paper.claims, ROOT / KEPT).astype("str"))


def test_the_disagreements_are_the_lists_and_the_balance_of_roles():
    kept = pd.read_csv(ROOT / KEPT / "claims.csv", dtype=str)
    differ = kept.loc[kept["verdict"] == "differs", "claim"].tolist()
    assert differ == ["list-a", "list-b", "list-c", "list", "mix-doctors", "mix-social-workers"]


def addressed(**address):
    """The claims, of which the first has an address."""
    parts = {name: [value, None, None, None] for name, value in {**PEOPLE, **address}.items()}
    return CLAIMS.assign(**parts)


@pytest.fixture
def counted(tmp_path):
    """A folder of results in which a cell and a table have ninety people."""
    executed(tmp_path, "01", {"people listed": 90, "group interviews": 5})
    (tmp_path / "people.csv").write_text("borough,people\nA,36\nall,90\n")
    return tmp_path


def test_the_ledger_says_where_a_value_stands(counted):
    rows = claims.ledger(addressed(), counted)
    assert rows.loc[0, ["file", "row", "column", "rule"]].tolist() == [*PEOPLE.values()]
    assert rows.loc[1, ["file", "row", "column", "rule"]].tolist() == [""] * 4
    assert rows["verdict"].tolist()[:2] == ["agrees", "agrees"]


def test_a_cell_and_a_table_that_say_different_things_are_an_error_with_both_values(counted):
    (counted / "people.csv").write_text("borough,people\nA,36\nall,91\n")
    with pytest.raises(claims.ClaimError) as caught:
        claims.ledger(addressed(), counted)
    says = 'people: the cell 01#facts has "90" for "people listed", and people.csv, row "borough=all"'
    assert str(caught.value) == f'{says}, column "people", rule "value" gives "91"'


def test_a_value_that_a_table_has_and_its_cell_no_longer_is_an_error(counted):
    executed(counted, "01", {"group interviews": 5})
    with pytest.raises(claims.ClaimError, match='people: the cell 01#facts has no value for "people listed"'):
        claims.ledger(addressed(), counted)


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"file": "poeple.csv"}, 'people: there is no file "poeple.csv". Did you mean "people.csv"?'),
        ({"column": "peple"}, 'people: people.csv has no column "peple". Did you mean "people"?'),
        ({"row": "borough=al"}, 'rule "value": no row has that. Did you mean "all"?'),
    ],
)
def test_an_address_that_leads_nowhere_is_an_error_that_names_the_claim(counted, part, says):
    with pytest.raises(claims.ClaimError) as caught:
        claims.ledger(addressed(**part), counted)
    assert str(caught.value).startswith("people: ")
    assert says in str(caught.value)


def test_every_computed_claim_of_the_published_study_has_an_address(paper):
    due = paper.claims[paper.claims["kind"] == "computed"]
    assert due[["file", "rule"]].notna().all(axis=None)


def test_most_claims_stand_in_a_table_of_their_own_notebook_and_not_in_the_list_of_facts(paper):
    files = paper.claims["file"].dropna()
    assert (files != "facts.csv").sum() > (files == "facts.csv").sum()


def test_every_fact_has_a_row_with_its_cell(counted):
    rows = claims.gathered(claims.evidence(counted / "notebooks"))
    assert rows.loc[rows["fact"] == "people listed"].to_numpy().tolist() == [
        ["people listed", "90", "01", "facts"]
    ]
    assert claims.gathered({}).columns.tolist() == ["fact", "value", "notebook", "cell"]


# the kept ledger, against what is kept


@pytest.fixture
def copy(tmp_path):
    """The kept results and the notebooks of the published study, to change something in them."""
    for part in (KEPT, "notebooks", f"data/raw/{PAPER}"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


def problems(copy):
    return claims.problems(study.load(PAPER, copy / "data/raw"), copy)


def changed(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_what_is_kept_has_no_problem(copy):
    assert problems(copy) == []


def test_a_study_without_claims_has_no_problem(copy):
    folder = copy / f"data/raw/{PAPER}/claims.csv"
    folder.unlink()
    kept = copy / KEPT / "claims.csv"
    kept.write_text(kept.read_text().splitlines()[0] + "\n")
    assert problems(copy) == []


def test_a_claim_without_a_computation_is_found(copy):
    raw = copy / f"data/raw/{PAPER}/claims.csv"
    changed(raw, "interviews,computed,01-who-was-interviewed#facts", "interviews,computed,11-elsewhere#facts")
    assert "interviews: no cell 11-elsewhere#facts" in problems(copy)


def test_a_claim_that_was_never_held_against_anything_is_found(copy):
    raw = copy / f"data/raw/{PAPER}/claims.csv"
    raw.write_text(raw.read_text() + "more,Methods,More.,more,,people,attested,,,,,,,\n")
    assert problems(copy) == [f'claims.csv: "more" has no row, and is a claim of data/raw/{PAPER}/claims.csv']


def test_a_computation_without_a_claim_is_found(copy):
    kept = copy / KEPT / "claims.csv"
    kept.write_text(kept.read_text() + "more,Methods,4,4,agrees,01-who-was-interviewed,facts,,,,\n")
    line = len(kept.read_text().splitlines())
    (problem,) = problems(copy)
    assert problem == (
        f'claims.csv, line {line}: "more" is a computation with no claim: '
        f"no row of data/raw/{PAPER}/claims.csv has it"
    )


@pytest.mark.parametrize(
    ("table", "before", "after", "name"),
    [
        ("reconciliation", "all,90,88,81,5,88,2", "all,90,88,82,5,88,2", "interviews"),
        ("sample", "B,Community services teams,doctor,1,0\n", "", "mix-doctors"),
        ("facts", "workstream in B,3,", "workstream in B,4,", "workstreams-b"),
    ],
)
def test_a_changed_table_is_found_by_the_claims_that_stand_in_it(copy, table, before, after, name):
    changed(copy / KEPT / f"{table}.csv", before, after)
    found = problems(copy)
    assert any(one.startswith(f"{name}: the cell ") for one in found), found


def test_a_table_of_the_paper_that_is_gone_is_found(copy):
    (copy / KEPT / "tables/table-2.csv").unlink()
    (problem,) = problems(copy)
    assert problem == (
        'tables: the cell 02-what-was-coded#facts has "3" for "tables of excerpts", '
        'and tables/table-?.csv, rule "files" gives "2"'
    )


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        ("interviews,Methods,81,81,agrees", "interviews,Methods,81,82,agrees", "computed"),
        ("list,Table A1,88,90,differs", "list,Table A1,88,90,agrees", "verdict"),
        ("list,Table A1,88,90,differs", "list,Table A1,90,90,differs", "printed"),
    ],
)
def test_a_changed_cell_of_the_ledger_is_found_by_line_and_column(copy, before, after, column):
    changed(copy / KEPT / "claims.csv", before, after)
    (problem,) = problems(copy)
    assert problem.startswith("claims.csv, line ")
    assert f'column "{column}"' in problem


def test_a_changed_fact_in_an_executed_notebook_is_found(copy):
    changed(
        copy / KEPT / "notebooks/01-who-was-interviewed.ipynb", '"interviews": "81"', '"interviews": "82"'
    )
    found = problems(copy)
    assert any(one.startswith('interviews: the cell 01-who-was-interviewed#facts has "82"') for one in found)
    assert any(one.startswith("facts.csv, line ") for one in found)


def test_a_stripped_notebook_is_found_by_every_claim_that_it_computed(copy, paper):
    path = copy / KEPT / "notebooks/01-who-was-interviewed.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["outputs"] = []
    path.write_text(json.dumps(notebook))
    lost = paper.claims.loc[paper.claims["computed_by"] == "01-who-was-interviewed#facts", "claim"]
    assert {f"{name}: no cell 01-who-was-interviewed#facts" for name in lost} <= {*problems(copy)}


def test_facts_of_a_cell_that_the_plan_does_not_know_are_found(copy):
    folder = copy / KEPT / "notebooks"
    shutil.copy(folder / "02-what-was-coded.ipynb", folder / "11-another.ipynb")
    assert "11-another#facts: it has facts, and is no cell of a run of the plan" in problems(copy)


def test_facts_of_a_cell_that_its_notebook_does_not_have_are_found(copy):
    changed(copy / "notebooks/02-what-was-coded.ipynb", '"facts"\n', '"other"\n')
    assert "02-what-was-coded#facts: it has facts, and is no cell of a run of the plan" in problems(copy)


@pytest.mark.parametrize("name", ["claims.csv", "facts.csv", "notebooks/01-who-was-interviewed.ipynb"])
@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{"])
def test_a_file_that_cannot_be_read_is_a_problem_and_breaks_nothing(copy, name, data):
    (copy / KEPT / name).write_bytes(data)
    assert problems(copy)


def test_a_column_that_no_ledger_has_is_a_problem(copy):
    path = copy / KEPT / "claims.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{lines[0]},confirmed", *(f"{line},by us" for line in lines[1:])]) + "\n")
    assert "claims.csv has the columns" in problems(copy)[0]


def test_the_stamp_of_invented_people_is_no_column_of_the_ledger(copy):
    for name in ("claims.csv", "facts.csv"):
        path = copy / KEPT / name
        lines = path.read_text().splitlines()
        path.write_text("\n".join([f"{lines[0]},simulated", *(f"{line},yes" for line in lines[1:])]) + "\n")
    assert problems(copy) == []


def test_a_ledger_that_is_missing_is_a_problem(copy):
    (copy / KEPT / "facts.csv").unlink()
    assert problems(copy) == [f"{KEPT}/facts.csv is missing: make reproduce STUDY={PAPER}"]


def test_the_command_says_how_many_claims_agree_and_that_nothing_differs(capsys):
    assert main(["claims"]) == 0
    said = capsys.readouterr().out
    assert "Claims of the paper: 18 agrees, 6 differs, 14 attested, 7 not reproducible" in said
    assert said.endswith("No problems between claims, cells, tables and pages.\n")


def test_the_command_fails_with_every_problem_of_both_ledgers(copy, capsys, monkeypatch):
    for part in ("README.md", "docs", "analysis/runs/plan.toml"):
        (copy / part).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, copy / part)
    changed(copy / KEPT / "claims.csv", "interviews,Methods,81,81,agrees", "interviews,Methods,81,82,agrees")
    changed(copy / "README.md", "lists 90 people", "lists 91 people")
    monkeypatch.setattr("analysis.commands.evidence.ROOT", copy)
    assert main(["claims"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-3].startswith('  claims.csv, line 2, column "computed"')
    assert said[-2].startswith('  README.md: "lists 90 people"')
    assert said[-1] == "2 problems between claims, cells, tables and pages."
