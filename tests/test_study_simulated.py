"""The study whose truth is known: made from its declaration, in the numbers of the published record."""

import shutil

import numpy as np
import pandas as pd
import pytest

from analysis import study
from analysis.measures import sensecheck
from analysis.measures.bounds import one_by_one, place
from analysis.study import simulated
from analysis.study.tables import written

NAME = "simulated-east-london"


@pytest.fixture(scope="module")
def declared():
    return study.declared_simulation(study.RAW / NAME)


@pytest.fixture(scope="module")
def tables(declared, paper):
    return simulated.tables(declared, paper)


def test_the_kept_tables_are_those_of_the_declaration(tables):
    for name, frame in tables.items():
        assert (study.RAW / NAME / f"{name}.csv").read_text(encoding="utf-8") == written(frame), name


def test_it_is_a_study_like_any_other_and_says_what_it_is():
    loaded = study.load(NAME)
    assert loaded.title.startswith("Simulated")
    assert loaded.excerpts["text"].str.startswith("[Simulated ").all()


def test_interviews_and_participants_are_those_that_the_record_implies(tables):
    assert tables["roster"]["borough"].value_counts().to_dict() == {"A": 37, "B": 27, "C": 24}
    sizes = tables["documents"]["participants"].str.split("; ").map(len)
    assert len(sizes) == 81
    assert sorted(sizes[sizes > 1]) == [2, 2, 2, 3, 3]
    assert sizes.sum() == 88


def test_nobody_has_a_role_that_the_record_does_not_list_in_their_borough(tables, paper):
    listed = {*zip(paper.roster["borough"], paper.roster["service"], paper.roster["role"], strict=True)}
    people = tables["roster"]
    assert {*zip(people["borough"], people["service"], people["role"], strict=True)} <= listed


def test_offsets_count_the_characters_of_a_document_without_a_gap(tables):
    excerpts = tables["excerpts"]
    assert (excerpts["end"] - excerpts["start"] == excerpts["text"].str.len()).all()
    for _, said in excerpts.groupby("document"):
        assert said["start"].iloc[0] == 0
        assert (said["start"].iloc[1:].to_numpy() == said["end"].iloc[:-1].to_numpy() + 1).all()


def test_another_seed_gives_another_study_and_the_same_seed_the_same(declared, tables, paper):
    other = simulated.tables(declared | {"seed": 1}, paper)
    assert not other["codings"].equals(tables["codings"])
    assert simulated.tables(declared, paper)["codings"].equals(tables["codings"])


def test_codes_come_as_often_as_declared(declared, paper):
    flat = declared | {"roles": {}, "clustering": 1000, "coder_error": 0, "excerpts": [200, 200]}
    made = simulated.tables(flat, paper)
    of = made["excerpts"].merge(made["roster"][["participant", "borough"]])
    coded = made["codings"][made["codings"]["coder"] == "coder 1"].merge(of)
    found = coded.groupby(["code", "borough"]).size() / of.groupby("borough").size()
    for (code, borough), share in found.items():
        assert share == pytest.approx(declared["chances"][code][borough], abs=0.03)


def test_two_coders_reach_the_alpha_that_their_errors_imply():
    from analysis.measures import alpha

    rng = np.random.default_rng(1)
    truth = rng.random(20_000) < 0.3
    coders = {name: truth ^ (rng.random(len(truth)) < 0.05) for name in "KL"}
    expected = simulated.declared_alpha(np.array([0.3]), 0.05)[0]
    assert alpha.coefficient(pd.DataFrame(coders)) == pytest.approx(expected, abs=0.02)


def test_bounds_contain_the_truth_after_the_names_are_taken_away():
    loaded = study.load(NAME)
    blind = loaded.excerpts.assign(participant=None)
    placed = one_by_one(place(blind, loaded.roster, loaded.roles, "borough"), blind, loaded.roster)
    truth = loaded.excerpts["participant"].map(loaded.roster.set_index("participant")["borough"])
    assert all(placed.possible.loc[e, b] for e, b in zip(blind["excerpt"], truth, strict=True))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"chances": {"meeting-fatige": {"A": 0.1, "B": 0.1, "C": 0.1}}},
            "bottom of the codebook: meeting-fatige",
        ),
        ({"chances": {"meeting-fatigue": {"A": 0.1}}}, "one chance for each of A, B, C: meeting-fatigue"),
        ({"roles": {"nurses": 2}}, "no role groups: nurses"),
        ({"responses": {"workshops": {}, "chances": {"gap": {}}}}, "no themes: gap"),
    ],
)
def test_a_declaration_that_does_not_fit_the_record_is_refused(declared, paper, change, says):
    with pytest.raises(ValueError, match=says):
        simulated.tables(declared | change, paper)


def test_a_study_that_declares_nothing_cannot_be_simulated():
    with pytest.raises(study.StudyError, match="nothing is declared to be simulated"):
        study.declared_simulation(study.RAW / "bussu-marshall-2020")


def test_invented_people_may_not_stand_under_another_name(tmp_path):
    shutil.copytree(study.RAW / "simulated-east-london", tmp_path / "east-london")
    with pytest.raises(study.StudyError, match="has to begin with"):
        study.load("east-london", tmp_path)


def test_invented_workshops_agree_on_one_theme_and_disagree_on_another(tables, paper):
    told = sensecheck.summed(sensecheck.tally(tables["responses"], tables["codebook"], paper.themes))
    outcomes = told.set_index("code")["outcome"]
    assert outcomes["top-down"] == "that is so"
    assert outcomes["barriers"] == "disagreement"
    assert outcomes["bottom-up"] == "not asked"
    assert "it depends" in outcomes["service-change"]
    assert tables["responses"]["comment"].dropna().str.startswith("[Simulated comment.]").all()


def test_responses_have_a_chance_of_their_own(declared, tables, paper):
    other = declared | {"responses": declared["responses"] | {"workshops": {"invented workshop": 3}}}
    made = simulated.tables(other, paper)
    for name in tables.keys() - {"responses"}:
        assert made[name].equals(tables[name]), name
