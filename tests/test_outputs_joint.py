"""Numbers beside words on paper: what the frames say, cell for cell, in every format."""

import io

import docx
import pandas as pd
import pytest

from analysis import study as studies
from analysis.measures import bounds, prevalence, quoting, sensecheck
from analysis.outputs import formats, joint, reading

PAPER, SIMULATED = "bussu-marshall-2020", "simulated-east-london"


def displayed(record, by, selections=None):
    pairs = prevalence.rolled_up(record.codings, record.codebook)
    ranking = quoting.ranked(record.excerpts, pairs, record.themes, record.quotable)
    people = (record.excerpts, record.roster, record.roles)
    coded = (record.excerpts, record.codings, record.codebook, record.roster)
    counted = prevalence.count(bounds.place(*people, by=by), *coded)
    chosen = record.selections if selections is None else selections
    known = quoting.groups(*people, by=by)
    return quoting.display(counted, ranking, record.excerpts, pairs, known, chosen, record.themes, by)


def book_of(record):
    pairs = prevalence.rolled_up(record.codings, record.codebook)
    ranking = quoting.ranked(record.excerpts, pairs, record.themes, record.quotable)
    known = quoting.every_group(record.excerpts, record.roster, record.roles, record.compare)
    sheets = sensecheck.on_sheets(ranking, record.excerpts, record.codebook)
    used = quoting.shown(ranking, known, record.selections, sheets)
    return quoting.book(ranking, record.excerpts, record.codebook, known, used)


def answers_of(record):
    return sensecheck.tally(record.responses, record.codebook, record.themes)


@pytest.fixture(scope="module")
def tables():
    """Every table for print of both studies, by study and name."""
    made = {}
    for name in (PAPER, SIMULATED):
        record = studies.load(name)
        rows = [joint.display(displayed(record, by), by) for by in record.compare]
        rows += [joint.book(book_of(record), answers_of(record)), joint.responses(answers_of(record))]
        made |= {(name, table.name): table for table in rows}
    return made


def test_every_cell_of_the_word_tables_reads_back_equal_to_the_csv(tables):
    for table in tables.values():
        kept = pd.read_csv(io.BytesIO(formats.csv(table.frame)), dtype=str, keep_default_na=False)
        (grid,) = docx.Document(io.BytesIO(formats.WRITERS["docx"](table))).tables
        rows = [[cell.text for cell in row.cells] for row in grid.rows]
        heads = {f"{table.section.capitalize()}: {name}" for name in kept[table.section]}
        assert rows[0] == [*table.headings]
        body = [row for row in rows[1:] if row[0] not in heads]
        assert body == kept[table.columns].to_numpy().tolist(), table.name
        named = [row[0] for row in rows[1:] if row[0] in heads]
        assert named == [
            *dict.fromkeys(f"{table.section.capitalize()}: {one}" for one in kept[table.section])
        ]


def test_every_format_has_the_same_bytes_every_time(tables):
    record = studies.load(PAPER)
    again = joint.display(displayed(record, "role_group"), "role_group")
    for suffix, write in formats.WRITERS.items():
        assert write(again) == write(tables[PAPER, "joint-by-role_group"]), suffix


def test_no_borough_of_the_paper_has_a_quotation_in_any_format(tables, paper):
    table = tables[PAPER, "joint-by-borough"]
    assert (table.frame["speaker"] == "").all()
    assert table.frame["quotation"].eq(joint.NOTHING.format(quoting.SILENT["unsaid"])).all()
    for write in formats.WRITERS.values():
        data = write(table)
        text = data.decode("utf-8", errors="ignore")
        assert not [one for one in paper.excerpts["text"] if one[:40] in text]


def test_the_papers_book_ties_no_quotation_to_a_borough(tables):
    assert not tables[PAPER, "quotation-book"].frame["speaker"].str.contains("borough").any()
    assert tables[SIMULATED, "quotation-book"].frame["speaker"].str.contains("borough: [ABC]").all()


def test_the_papers_display_by_role_group_has_each_group_in_its_own_words(tables):
    frame = tables[PAPER, "joint-by-role_group"].frame
    rows = frame[frame["theme"] == "Top down approach"].set_index("group")
    assert rows.loc["nurse", ["excerpts", "speaker"]].tolist() == ["2 of 9", "Nurse"]
    assert rows.loc["physiotherapist", "quotation"].startswith("There's too many meetings")
    assert rows.loc["social worker", "quotation"].startswith("No quotation: ")
    assert "doctor" not in rows.index
    assert "doctor" in tables[PAPER, "joint-by-role_group"].note


def test_counts_of_people_stand_beside_excerpts_where_people_are_named(tables):
    assert "people" not in tables[PAPER, "joint-by-borough"].frame
    people = tables[SIMULATED, "joint-by-borough"].frame["people"]
    assert people.str.fullmatch(r"\d+ of (37|27|24)").all()


def test_what_is_chosen_by_hand_is_counted_under_the_table_and_read_aloud():
    record = studies.load(PAPER)
    row = ("role_group", "top-down", "nurse", "E04", "It says what a meeting costs.")
    by_hand = pd.DataFrame([row], columns=["by", "code", "group", "excerpt", "note"], dtype="str")
    rows = displayed(record, "role_group", by_hand)
    assert "; 1 here was chosen by hand" in joint.display(rows, "role_group").note
    assert "1 of them chosen by hand" in reading.joint(rows, "role_group").data


def test_a_theme_in_the_book_has_the_answers_beside_its_name(tables):
    themes = tables[SIMULATED, "quotation-book"].frame["theme"]
    (barriers,) = {one for one in themes if one.startswith("Barriers on the ground")}
    assert ". Sense-check: disagreement (that is so: " in barriers
    assert tables[PAPER, "quotation-book"].frame["theme"].str.endswith("Sense-check: not asked").all()


def test_what_the_sense_check_says_is_read_aloud_with_the_disagreement(paper, simulated):
    said = reading.sensecheck(answers_of(simulated)).data
    assert said.startswith("3 workshops answered to 4 themes: ")
    assert "disagreement for “Barriers on the ground” and “Unrealistic expectations”" in said
    assert "that is so for “Top down approach”" in said
    assert "Not asked: “Bottom up OD activities”" in said
    assert "responses.csv has no answer" in reading.sensecheck(answers_of(paper)).data


def test_displays_and_books_are_read_aloud(paper, simulated):
    assert "in any of 15 cells" in reading.joint(displayed(paper, "borough"), "borough").data
    assert "13 have a quotation" in reading.joint(displayed(paper, "role_group"), "role_group").data
    pairs = prevalence.rolled_up(paper.codings, paper.codebook)
    assert "17 quotations under 5 themes" in reading.book(book_of(paper), pairs).data
    assert "2 coded excerpts are no quotations" in reading.book(book_of(paper), pairs).data
    assert reading.book(book_of(simulated).iloc[:0], pairs).data.startswith("No quotation")
    assert reading.joint(displayed(paper, "borough").iloc[:0], "borough").data.startswith("The codebook")
