"""Sentences beside results: made from the frames they are given, whatever these hold."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.display import HTML, Markdown
from small import properties, text

from analysis.measures import (
    activities,
    agreement,
    bounds,
    codes,
    contrasts,
    cooccurrence,
    prevalence,
    quoting,
    robustness,
    sample,
    saturation,
    sensecheck,
    voices,
    wording,
)
from analysis.outputs import reading


def said(shown):
    """What a reader sees of a sentence or a table, without tags."""
    assert isinstance(shown, HTML | Markdown)
    return re.sub(r"<[^>]+>", " ", shown.data)


def counted(paper, **choices):
    placed = bounds.place(paper.excerpts, paper.roster, paper.roles, by="borough", **choices)
    return prevalence.count(placed, paper.excerpts, paper.codings, paper.codebook, paper.roster)


def quoted(paper):
    """The pairs of the paper's excerpts and codes, its joint display by borough, and its quotation book."""
    pairs = prevalence.rolled_up(paper.codings, paper.codebook)
    ranking = quoting.ranked(paper.excerpts, pairs, paper.themes, paper.quotable)
    known = quoting.every_group(paper.excerpts, paper.roster, paper.roles, ["borough"])
    chosen = (known["borough"], paper.selections, paper.themes)
    rows = quoting.display(counted(paper), ranking, paper.excerpts, pairs, *chosen, by="borough")
    used = quoting.shown(ranking, known, paper.selections, ranking[["code", "excerpt"]][:1])
    return pairs, rows, quoting.book(ranking, paper.excerpts, paper.codebook, known, used)


@pytest.fixture(scope="module")
def frames(paper, simulated):
    """What the notebooks read aloud, by the name of the sentence; of a study that has it."""
    coded = (simulated.codings, simulated.excerpts, simulated.codebook)
    came_up = saturation.incidence(
        simulated.codings, *saturation.by_document(simulated.excerpts, simulated.documents)
    )
    compared = contrasts.compared(*coded, simulated.roster, "borough")
    said = wording.counts(paper.excerpts, codes.top_of(paper.codebook, paper.codings), 2)
    lines = wording.concordance(paper.excerpts, ["care", "team"])
    claimed = paper.claims[["claim", "where", "printed"]].assign(computed="", verdict="agrees")
    wide, narrow = counted(paper), counted(paper, unstated_roles="none")
    listed = sample.reconciliation(paper.roster, paper.interviews, "borough")
    pairs, joined, book = quoted(paper)
    answers = sensecheck.tally(simulated.responses, simulated.codebook, simulated.themes)
    return {
        "part": [{"borough": ["A", "B"], "care": ["acute care"]}, {"borough": 19, "care": 0}, 0, 36],
        "unit": [wide, "people"],
        "joint": [joined, "borough"],
        "book": [book, pairs],
        "sensecheck": [answers],
        "rows": [paper.roster],
        "ranges": [wide, "borough"],
        "sample": [sample.count(paper.roster, list(paper.groupings)), "borough"],
        "reconciliation": [listed, "borough"],
        "codes": [codes.tree(paper.codebook, paper.codings)],
        "basis": [paper.codings],
        "themes": [wide, "borough"],
        "narrower": [wide, narrow, "borough"],
        "voices": [voices.shares(paper.excerpts, paper.roster, paper.roles)],
        "words": [said, wording.keyness(said), wording.collocations(said)],
        "places": [wording.places(wording.tokens(paper.excerpts), ["care", "team"]), lines],
        "activities": [activities.by_site(paper.activities, "borough"), "borough"],
        "claims": [claimed, paper.claims],
        "labels": [["Specialist nurse", "Specialist palliative nurse"]],
        "missing": [paper.missing],
        "cooccurrence": [cooccurrence.by_excerpt(*coded), cooccurrence.carried(coded[0], coded[2]), ""],
        "contrasts": [compared.tests, "borough", ""],
        "agreement": [agreement.by_code(*coded, resamples=10)],
        "saturation": [
            saturation.curve(came_up, draws=10),
            saturation.reached(came_up),
            "document",
            simulated.documents,
        ],
        "unattributed": [simulated.codings],
        "imported": [IMPORTED],
        "reconciled": [IMPORTED],
        "robustness": [robustness.of_codes(*coded)],
    }


NAMES = [
    *[
        "rows",
        "ranges",
        "sample",
        "reconciliation",
        "codes",
        "basis",
        "themes",
        "narrower",
        "voices",
        "words",
    ],
    *["activities", "claims", "labels", "missing", "imported", "reconciled", "unattributed"],
    *["joint", "book", "sensecheck", "part", "unit"],
    *["cooccurrence", "contrasts", "agreement", "saturation", "robustness"],
]
IMPORTED = {
    "summary": "A table: 2 codings.",
    "findings": ["Of 2 codings 1 does not say who coded."],
    "changed": ["codings.csv"],
    "reconciliation": [{"what": "row", "found": 2, "imported": 2, "discarded": 0, "unexplained": 0}],
}
every_sentence = pytest.mark.parametrize("name", NAMES)
ODD = r"<NA>|\bnan\b|\bNone\b|\bNaN\b"
"""What a missing value looks like where nobody thought of it."""


def aloud(frames, name, change=lambda part: part):
    """The sentence about the frames, the first of them changed if need be."""
    first, *rest = frames[name]
    return said(getattr(reading, name)(change(first), *rest))


def emptied(parts):
    return [part[:0] if isinstance(part, pd.DataFrame | list | tuple) else part for part in parts]


# every sentence


@every_sentence
def test_a_sentence_about_the_published_study_is_whole(frames, name):
    says = aloud(frames, name)
    assert says.strip()
    assert not re.search(ODD + r"|[,:] \.|  \.", says if name != "rows" else "")


@every_sentence
def test_a_sentence_about_nothing_does_not_fail(frames, name):
    shown = getattr(reading, name)(*emptied(frames[name]))
    assert said(shown).strip()


@every_sentence
def test_a_sentence_about_nothing_is_a_sentence(frames, name):
    """Not "0 people: .", and not that everything is known."""
    says = said(getattr(reading, name)(*emptied(frames[name])))
    assert not re.search(ODD + r"|[,:] ?\.|has \.|stand \.|all 0 ", says)


@every_sentence
def test_reading_aloud_leaves_the_frame_as_it_was(frames, name):
    held = [part for part in frames[name] if isinstance(part, pd.DataFrame)]
    before = [frame.copy(deep=True) for frame in held]
    aloud(frames, name)
    for frame, kept in zip(held, before, strict=True):
        pd.testing.assert_frame_equal(frame, kept)


def test_every_sentence_is_read_here(frames):
    public = {
        name for name, one in vars(reading).items() if callable(one) and one.__module__ == reading.__name__
    }
    assert {name for name in public if not name.startswith("_")} - {"differing", "Table"} == {*frames}


# people


def test_the_sample_is_counted_by_site(frames):
    says = aloud(frames, "sample")
    assert "90 people" in says
    assert "36 in borough A, 22 in borough B and 32 in borough C" in says
    assert "19 lead a service" in says


@given(numbers=st.lists(st.integers(1, 999), min_size=1, max_size=4))
@properties
def test_the_sample_sentence_adds_up_whatever_the_numbers(numbers):
    people = pd.DataFrame({"borough": [*"ABCD"[: len(numbers)]], "people": numbers, "service_leads": 0})
    total, *parts, leads = map(int, re.findall(r"\d+", said(reading.sample(people, "borough"))))
    assert (total, parts, leads) == (sum(numbers), numbers, 0)


def test_people_without_a_site_are_part_of_the_sum():
    people = pd.DataFrame({"borough": ["A", None], "people": [3, 2], "service_leads": [0, 0]})
    total, *parts, _ = map(int, re.findall(r"\d+", said(reading.sample(people, "borough"))))
    assert total == sum(parts)


def test_the_reconciliation_says_both_counts_and_where_they_part(frames):
    says = aloud(frames, "reconciliation")
    assert "lists 90 people (88 if" in says
    assert "81 interviews, 5 of them group interviews, which imply 88 participants" in says
    assert "borough A lists 1 person fewer" in says
    assert "borough C lists 8 people more" in says


def test_the_reconciliation_follows_the_frame(frames):
    def fewer(rows):
        return rows.assign(people_listed=rows["people_least"], difference=rows["difference"] - [2, 0, 0, 2])

    says = aloud(frames, "reconciliation", fewer)
    assert "lists 88 people and prints" in says
    assert "borough A lists 3 people fewer" in says


def test_as_many_people_as_implied_are_said_to_be_as_many(frames):
    says = aloud(frames, "reconciliation", lambda rows: rows.assign(difference=0))
    assert says.count("as many people as its interviews imply") == 3


def test_a_study_without_interviews_says_so(paper):
    rows = sample.reconciliation(paper.roster, paper.interviews[:0], "borough")
    assert "no interviews.csv" in said(reading.reconciliation(rows, "borough"))


def test_a_site_whose_interviews_are_not_printed_does_not_hide_the_others(paper):
    rows = sample.reconciliation(paper.roster, paper.interviews.head(2), "borough")
    says = said(reading.reconciliation(rows, "borough"))
    assert "no interviews.csv" not in says
    assert not re.search(ODD, says)


def test_labels_that_are_not_listed_are_named(frames):
    assert "“Specialist nurse” and “Specialist palliative nurse”" in aloud(frames, "labels")
    assert "“Chaplain”" in said(reading.labels(["Chaplain"]))


# codes


def test_the_codebook_is_counted_by_level_and_by_its_top(frames):
    says = aloud(frames, "codes")
    assert "3 dimensions, 4 themes and 11 subthemes" in says
    assert "8 under “Impact of existing programmes”" in says
    assert "No code is without an excerpt" in says


def test_a_code_without_an_excerpt_is_named(frames):
    says = aloud(
        frames, "codes", lambda tree: tree.assign(excerpts=tree["excerpts"].mask(tree["depth"] == 1, 0))
    )
    assert "Without an excerpt: Top down approach" in says


def test_one_code_of_a_level_is_not_a_plural(frames):
    says = aloud(frames, "codes", lambda tree: tree.head(1))
    assert "1 dimension." in says


def test_inferred_codings_are_counted_and_named(frames):
    says = aloud(frames, "basis")
    assert "19 codings 3 are inferred by sense: E13, E14 and E15" in says
    assert "no coder is named" in says
    assert "0 are inferred" in aloud(frames, "basis", lambda rows: rows.assign(basis="printed"))


@pytest.mark.parametrize(
    ("coders", "says"), [(["x"], "1 coder is named"), (["x", "y"], "2 coders are named")]
)
def test_coders_are_counted(coders, says):
    rows = text(
        [(f"E{n}", "c", coder, "printed") for n, coder in enumerate(coders)],
        ["excerpt", "code", "coder", "basis"],
    )
    assert says in said(reading.basis(rows))


# themes across groups


def test_open_ranges_are_counted(frames):
    says = aloud(frames, "themes")
    assert "Of 54 cells of code and borough the record settles 0; 54 run from none upwards" in says


def test_exact_counts_are_said_to_be_exact(frames):
    says = aloud(frames, "themes", lambda rows: rows.assign(least=rows["most"]))
    assert "all 54 cells of code and borough are exact" in says


def test_a_cell_that_is_settled_is_counted_as_settled(frames):
    says = aloud(
        frames, "themes", lambda rows: rows.assign(least=[1, *rows["least"][1:]], most=[1, *rows["most"][1:]])
    )
    assert "settles 1; 53 run" in says


def test_cells_in_people_are_not_counted_as_excerpts(frames):
    def with_people(rows):
        return pd.concat([rows, rows.assign(unit="people", least=1, most=1)], ignore_index=True)

    assert aloud(frames, "themes", with_people) == aloud(frames, "themes")


def test_a_range_is_shown_as_least_and_most_and_an_exact_count_as_one_number(frames):
    assert "0–8" in aloud(frames, "ranges")
    exact = aloud(frames, "ranges", lambda rows: rows.assign(least=rows["most"]))
    assert "–" not in exact
    assert " 8 " in exact


def test_codes_that_share_a_name_keep_rows_of_their_own(frames):
    shown = aloud(frames, "ranges", lambda rows: rows.assign(name="Other"))
    assert shown.count("Other") == frames["ranges"][0]["code"].nunique()


def test_ranges_that_narrow_are_named(frames):
    says = aloud(frames, "narrower")
    assert says.startswith("3 of 21 ranges change")
    assert "“Barriers on the ground” in borough B at most 3 instead of 4" in says


def test_nothing_narrows_where_both_readings_are_one(frames):
    wide = frames["narrower"][0]
    assert said(reading.narrower(wide, wide, "borough")) == "0 of 54 ranges change."


def test_a_range_whose_lower_end_moves_is_not_said_to_move_at_the_upper(frames):
    wide = frames["narrower"][0]
    says = said(reading.narrower(wide, wide.assign(least=[2, *wide["least"][1:]]), "borough"))
    assert "at most 8 instead of 8" not in says
    assert re.search(r"\b2\b", says)


# voices and words


def test_voices_name_the_loudest_and_the_silent(frames):
    says = aloud(frames, "voices")
    assert "nurse, 34% of the people and 53% of the quotations" in says
    assert "service lead (10), care or support worker (5)" in says
    assert "24 people in all" in says
    assert "therapist (2)" in says


def test_voices_follow_the_frame(frames):
    says = aloud(
        frames,
        "voices",
        lambda rows: rows.assign(ratio=rows["ratio"].mask(rows["role_group"] == "doctor", 9)),
    )
    assert "against their number: doctor" in says


def test_nobody_is_quoted_most_where_nobody_is_quoted(frames):
    says = aloud(frames, "voices", lambda rows: rows.assign(excerpts=0, excerpts_share=0.0, ratio=0.0))
    assert "Quoted most" not in says


def test_nobody_is_quoted_most_against_a_number_that_is_not_known(frames):
    """Every label may be one that the roster does not have: then no ratio exists."""
    says = aloud(frames, "voices", lambda rows: rows.assign(people=0, people_share=0.0, ratio=float("nan")))
    assert "Quoted most" not in says


def test_words_are_counted(frames):
    said, keys, pairs = frames["words"]
    numbers = [*map(int, re.findall(r"\d+", aloud(frames, "words")))]
    assert numbers == [said.length, said.different, 17, keys["word"].nunique(), len(pairs)]
    assert "hold 10 words" in aloud(frames, "words", lambda counts: replace(counts, said={"": 10}))


def test_of_many_places_it_is_said_how_many_are_listed(frames):
    places, lines = frames["places"]
    assert aloud(frames, "places") == f"All {len(lines)} places of the words are listed."
    care, team = (int((places["word"] == word).sum()) for word in ("care", "team"))
    few = reading.places(places, lines[lines["word"] == "team"].iloc[1:]).data
    assert few == (
        f"{team - 1} of {care + team} places of the words are listed, drawn at random: "
        f"care 0 of {care} and team {team - 1} of {team}."
    )


# activities and claims


def test_activities_are_counted_by_direction_with_and_without_a_site(frames):
    says = aloud(frames, "activities")
    assert "top-down: 20 with a borough named, 3 without" in says
    assert "bottom-up: 0 with a borough named, 4 without" in says


def test_activities_follow_the_frame(frames):
    says = aloud(
        frames,
        "activities",
        lambda rows: rows.assign(activities=1, direction="mixed").drop_duplicates("borough"),
    )
    assert "mixed: 3 with a borough named, 1 without" in says


def differs(claim):
    return lambda rows: rows.assign(
        verdict=rows["verdict"].mask(rows["claim"] == claim, "differs"), computed="12"
    )


def test_claims_that_agree_are_said_to_agree(frames):
    assert aloud(frames, "claims") == "Every claim that can be computed agrees."


def test_a_claim_that_differs_is_told_with_both_values(frames):
    says = aloud(frames, "claims", differs("interviews-a"))
    assert "interviews-a" in says
    assert "36 in Borough A" in says or "That is 36" in says
    assert "12" in says


def test_a_claim_without_a_unit_is_told_without_one(frames):
    verdicts, claimed = frames["claims"]
    says = said(reading.claims(differs("interviews-a")(verdicts), claimed.assign(unit=None)))
    assert not re.search(ODD, says)


# the study as a whole


def test_missing_tables_are_named():
    assert said(reading.missing(())) == "The study has every table."
    assert "no interviews.csv and no claims.csv" in said(reading.missing(("interviews", "claims")))


def test_rows_are_shown_whole_and_the_rest_counted(frames):
    (roster,) = frames["rows"]
    assert "And 43 more rows" in said(reading.rows(roster, most=5))
    assert "who also worked on Discharge to Assess" in said(reading.rows(roster, most=5))


@given(parts=st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=5))
@properties
def test_a_list_in_a_sentence_has_one_and_before_its_last_part(parts):
    says = said(reading.labels(parts))
    assert says.count("“") == len(parts)
    assert says.split(". ")[0].count(" and ") == 1 + (len(parts) > 1)


# what a record would need


def test_what_is_asked_of_a_record_that_cannot_answer_is_said(paper):
    coded = (paper.codings, paper.excerpts, paper.codebook)
    compared = contrasts.compared(*coded, paper.roster, "borough")
    carried = cooccurrence.carried(paper.codings, paper.codebook)
    nothing = saturation.incidence(paper.codings[:0], *saturation.by_participant(paper.excerpts))
    for shown in (
        reading.cooccurrence(cooccurrence.by_excerpt(*coded), carried, ""),
        reading.contrasts(compared.tests, "borough", compared.why),
        reading.agreement(agreement.by_code(*coded)),
        reading.saturation(saturation.curve(nothing), saturation.reached(nothing), "", paper.documents),
    ):
        assert re.search("a record has\\s+to give", said(shown))
    assert "does not say which participant or which coder" in said(
        reading.robustness(robustness.of_codes(*coded))
    )


def test_codings_of_nobody_are_counted():
    rows = pd.DataFrame({"coder": ["K", None]})
    assert "Of 2 codings 1 name no coder" in said(reading.unattributed(rows))
    assert "No coding names its coder" in said(reading.unattributed(rows[1:]))


def test_an_import_is_told_with_what_was_changed_since():
    assert "- Changed since the import: codings.csv." in said(reading.imported(IMPORTED))
    assert "nothing was imported" in said(reading.imported({}))
    assert "no file of another tool" in said(reading.reconciled({}))


def test_agreement_runs_from_the_lowest_to_the_highest_code():
    rows = pd.DataFrame(
        {
            "code": ["a", "b", "c"],
            "coders": 2,
            "units": [4, 5, 4],
            "alpha": [0.5, None, 0.25],
            "why": ["", "x", ""],
        }
    )
    says = said(reading.agreement(rows))
    assert (
        "2 coders judged 5 excerpts. Alpha runs from 0.25 (c) to 0.50 (a); for 1 codes it is undefined"
        in says
    )


def test_a_contrast_says_how_many_were_tested_and_how_many_are_left():
    rows = pd.DataFrame(
        {
            "code": ["a", "b", "a"],
            "observed": [None, None, 0.2],
            "p": [0.01, 0.9, 0.01],
            "p_bh": [0.02, 0.9, 0.9],
        }
    ).assign(p_holm=0.06)
    says = said(reading.contrasts(rows, "borough", ""))
    assert "2 codes were tested" in says
    assert "the smallest for a; after adjustment for that number 1 stay below 0.05" in says
    assert "0 by Holm" in says


def test_a_study_without_coders_or_without_documents_is_not_said_to_be_saturated(simulated):
    held, order, what = saturation.interviews(simulated.excerpts, simulated.documents)
    came_up = saturation.incidence(simulated.codings, held, order)
    rule = saturation.reached(came_up, base=80, run=2)
    says = said(reading.saturation(saturation.curve(came_up), rule, what, simulated.documents))
    assert "of 81; by the rule with a base of 80, runs of 2" in says
    assert says.endswith("fewer interviews than base and run.")
    unordered = simulated.documents.assign(order=pd.NA)
    assert "they stand as listed" in said(
        reading.saturation(saturation.curve(came_up), rule, what, unordered)
    )


# what is looked at


def test_what_is_left_out_of_a_part_is_counted_by_attribute(frames):
    says = aloud(frames, "part")
    assert "within borough A or B and care acute care: no excerpts, 36 people listed." in says
    assert "Of 19 excerpts the record does not say the borough; they are left out." in says
    assert "the care" not in says
    assert reading.part({}, {}, 1, 2).data == "Everything is looked at: 1 excerpt, 2 people listed."


def test_a_unit_that_cannot_be_counted_says_what_it_would_take(frames):
    assert "a record has to name the speaker" in aloud(frames, "unit")
    assert reading.unit(frames["unit"][0], "excerpts").data == "Counted in excerpts."


def test_a_table_of_people_alone_is_read_aloud_like_one_of_excerpts():
    rows = pd.DataFrame({"unit": "people", "least": [1, 2], "most": [1, 2]})
    assert said(reading.themes(rows, "borough")).startswith("The record says every count: all 2 cells")
