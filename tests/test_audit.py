"""Claims, held against the evidence."""

import json

import pandas as pd
import pytest

from analysis import ROOT
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


def executed(folder, run, found):
    data = claims.facts(CLAIMS, found)._repr_mimebundle_()
    cell = {"metadata": {"tags": ["facts"]}, "outputs": [{"data": data}]}
    (folder / f"{run}.ipynb").write_text(json.dumps({"cells": [{"metadata": {}}, cell]}))


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


def test_a_claim_whose_value_is_no_longer_found_differs(tmp_path):
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
    found = claims.evidence(ROOT / "data/derived/bussu-marshall-2020/notebooks")
    due = paper.claims[paper.claims["kind"] == "computed"]
    assert {(row.computed_by, row.fact) for row in due.itertuples()} <= set(found)


def test_the_kept_ledger_follows_from_the_kept_evidence(paper):
    folder = ROOT / "data/derived/bussu-marshall-2020"
    kept = pd.read_csv(folder / "claims.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(kept, claims.ledger(paper.claims, folder / "notebooks").astype("str"))


def test_the_disagreements_are_the_lists_and_the_balance_of_roles():
    kept = pd.read_csv(ROOT / "data/derived/bussu-marshall-2020/claims.csv", dtype=str)
    differ = kept.loc[kept["verdict"] == "differs", "claim"].tolist()
    assert differ == ["list-a", "list-b", "list-c", "list", "mix-doctors", "mix-social-workers"]
