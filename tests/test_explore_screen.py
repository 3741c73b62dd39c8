"""The screen without a browser: what its parts hold when something is chosen."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis import PAPER, SIMULATED, study
from analysis.commands import lab
from analysis.explore import looking as lookings
from analysis.explore import screen as screens
from analysis.explore import views
from analysis.explore.looking import Looking
from analysis.explore.screen import NUMBERS, QUOTATIONS, Screen
from analysis.explore.views import View
from analysis.measures import bounds, prevalence
from analysis.outputs import quotations


@pytest.fixture
def screen():
    return Screen(PAPER)


def counts(screen):
    """The text of each cell, by code and group."""
    codes = [row["id"] for row in screen.heat.rows]
    groups = [column["id"] for column in screen.heat.columns]
    return {
        (code, group): cell["text"]
        for code, cells in zip(codes, screen.heat.cells, strict=True)
        for group, cell in zip(groups, cells, strict=True)
    }


def test_the_study_to_open_is_told_by_the_name_that_the_lab_gives_it(monkeypatch):
    assert screens.STUDY == lab.STUDY
    monkeypatch.setenv(screens.STUDY, SIMULATED)
    assert SIMULATED in str(screens.screen().children[0].children[0].value)


def test_it_begins_with_the_upper_levels_of_the_whole_study(screen, paper):
    upper = paper.codebook[paper.codebook["level"] != "subtheme"]
    assert {code for code, _ in counts(screen)} == {*upper["code"]}
    assert f"{len(paper.excerpts)} excerpts, {paper.roster['n'].sum()} people listed" in screen.said.value


def test_where_the_record_is_silent_cells_are_ranges_without_a_shade(screen):
    assert counts(screen)["top-down", "A"] == "0–4"
    assert {cell["shade"] for cells in screen.heat.cells for cell in cells} == {None}
    assert {column["note"] for column in screen.heat.columns} == {"N not known"}


@pytest.mark.parametrize("unit", ["excerpts", "people"])
@pytest.mark.parametrize("by", ["borough", "role_group", "service"])
def test_cells_have_the_numbers_of_the_measures(simulated, by, unit):
    screen = Screen(SIMULATED)
    screen.by.value, screen.unit.value = by, unit
    screen.codes.picked = [*simulated.codebook["code"]]
    placed = bounds.place(simulated.excerpts, simulated.roster, simulated.roles, by)
    counted = prevalence.count(
        placed, simulated.excerpts, simulated.codings, simulated.codebook, simulated.roster
    )
    rows = counted[counted["unit"] == unit]
    assert counts(screen) == {(row.code, getattr(row, by)): str(row.least) for row in rows.itertuples()}


def test_a_cell_leads_to_its_quotations_and_another_choice_leads_away_from_them(screen):
    screen.by.value = "role_group"
    screen.heat.pressed = ["top-down", "nurse"]
    assert screen.tabs.selected_index == QUOTATIONS
    assert "“Top down approach”, role group nurse: 2 excerpts" in screen.about.value
    assert len(screen.rows.df) == 2
    screen.codes.picked = ["impact"]
    assert [*screen.heat.pressed] == ["", ""]
    assert screen.rows.df.empty
    assert screen.tabs.selected_index == NUMBERS


def test_people_are_filtered_and_what_the_record_does_not_say_is_told(screen):
    screen.filters.picked = ["borough=A"]
    assert "no excerpts, 36 people listed" in screen.said.value
    assert "Of 19 excerpts the record does not say the borough" in screen.said.value
    screen.filters.picked = []
    assert "Everything is looked at" in screen.said.value


def test_what_cannot_be_counted_is_a_sentence(screen):
    screen.unit.value = "people"
    assert "Nothing can be counted in people" in screen.said.value
    assert screen.heat.rows == []


def test_without_a_code_that_is_ticked_all_are_shown_and_the_screen_says_so(screen, paper):
    screen.codes.picked = []
    assert {code for code, _ in counts(screen)} == {*paper.codebook["code"]}
    assert "No code is ticked" in screen.said.value


def test_words_are_looked_for_within_the_view(screen):
    screen.phrase.value = "meeting"
    assert "4 places in 3 excerpts" in screen.found.value
    screen.by.value = "role_group"
    screen.filters.picked = ["role_group=nurse"]
    assert "3 places in 2 excerpts," in screen.found.value


def test_a_view_is_kept_with_all_that_is_chosen(screen, tmp_path, monkeypatch):
    monkeypatch.setattr(views.keep, "__defaults__", (tmp_path,))
    screen.by.value, screen.codes.picked = "role_group", ["impact"]
    screen.filters.picked, screen.phrase.value = ["role_group=nurse"], "meeting"
    screen.name.value = "Nurses"
    screen.keep.click()
    assert f"make reproduce VIEW=nurses STUDY={PAPER}" in screen.kept.value
    kept = views.read(views.named("nurses", PAPER, tmp_path))
    assert kept == View("role_group", "excerpts", ("impact",), ("role_group=nurse",), "meeting")
    screen.codes.picked = ["gap"]
    screen.name.value = "Nurses"
    screen.keep.click()
    assert "Another view is called" in screen.kept.value


def test_a_study_with_errors_is_a_list_of_them_and_nothing_of_another_is_shown(screen):
    screen.study.options = [*screen.study.options, "no-such-study"]
    screen.study.value = "no-such-study"
    assert "is no study here" in screen.said.value
    assert screen.heat.rows == []
    screen.by.value = "role_group"
    assert screen.heat.rows == []
    screen.study.value = PAPER
    assert screen.heat.rows != []


def test_what_goes_wrong_is_said_on_the_screen(screen, monkeypatch):
    monkeypatch.setattr(screen.looking, "map", lambda _: 1 / 0)
    screen.by.value = "role_group"
    assert "This cannot be shown: ZeroDivisionError" in screen.said.value


def test_more_rows_than_anybody_reads_are_counted(simulated, monkeypatch):
    monkeypatch.setattr(lookings, "MOST", 3)
    looking = Looking(simulated)
    said, rows = looking.behind(View("borough"), "impact", "A")
    assert "The first 3 are listed." in said
    assert len(rows) == 3
    said, rows = looking.places(View("borough", phrase="the"))
    assert "The first 3 are listed." in said
    assert len(rows) == 3


def test_numbers_are_those_of_a_run_with_their_intervals(simulated):
    looking = Looking(simulated)
    numbers = looking.numbers(View("borough", "people", ("impact",)))
    assert {"count", "denominator", "share", "low", "high", "holds"} <= {*numbers}
    assert len(numbers) == 3


def test_a_group_without_anybody_in_view_has_no_column(simulated):
    shown = Looking(simulated).map(View("borough", "people", (), ("borough=A",)))
    assert [column["id"] for column in shown.columns] == ["A"]


def test_no_attribute_of_a_speaker_is_shown_that_the_record_does_not_print(paper):
    people = (paper.codebook, paper.roster, paper.roles)
    said = quotations.with_speakers(paper.excerpts, paper.codings, *people)
    assert not {"borough", "service", "care", "team", "role"} & {*said}
    assert said["role_group"].notna().sum() == 17


def test_every_excerpt_of_a_study_with_participants_has_what_its_roster_says(simulated):
    people = (simulated.codebook, simulated.roster, simulated.roles)
    said = quotations.with_speakers(simulated.excerpts, simulated.codings, *people)
    assert len(said) == len(simulated.excerpts)
    listed = simulated.roster.set_index("participant")
    assert said["borough"].tolist() == said["participant"].map(listed["borough"]).tolist()


@pytest.fixture
def odd(raw, monkeypatch):
    """The published study, whose roster may be given other columns."""
    monkeypatch.setattr(study.record, "RAW", raw)
    path = raw / PAPER / "roster.csv"
    roster = pd.read_csv(path, dtype=str)

    def written(**columns):
        roster.assign(**columns).to_csv(path, index=False)
        return Screen(PAPER)

    return written


def test_an_attribute_that_is_called_as_a_column_of_excerpts_hides_none(odd, paper):
    screen = odd(document="a", text="b", speaker="c", left="d")
    screen.by.value = "role_group"
    screen.heat.pressed = ["top-down", "nurse"]
    assert {*screen.rows.df["text"]} <= {*paper.excerpts["text"]}
    assert {*screen.rows.df["speaker"]} == {"Nurse"}
    screen.phrase.value = "meeting"
    assert "4 places" in screen.found.value


@pytest.mark.parametrize("unit", ["excerpts", "people"])
def test_a_grouping_that_says_nothing_of_anybody_is_a_sentence(paper, unit):
    silent = paper.roster.assign(ward=pd.Series([None] * len(paper.roster), dtype="str"))
    looking = Looking(replace(paper, roster=silent, groupings=("ward",)))
    view = View("ward", unit, ("impact",))
    assert looking.sentences(view)[-1].endswith("nothing is counted.")
    assert looking.map(view).rows == looking.map(view).columns == []
    assert looking.numbers(view).empty


def test_a_study_that_cannot_be_shown_is_a_sentence_when_it_is_opened(screen, monkeypatch):
    monkeypatch.setattr(Looking, "map", lambda *_: 1 / 0)
    screen.study.value = SIMULATED
    assert "This cannot be shown: ZeroDivisionError" in screen.said.value
