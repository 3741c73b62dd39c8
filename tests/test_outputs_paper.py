"""The tables of a paper: the published ones as printed, and those of studies that say less."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import properties, shuffled, text

from analysis.outputs import formats
from analysis.outputs.paper import appendix, excerpt_tables, path_to, slug, spans, table_names

CAPTIONS = [
    "Table 1. Key dimensions 1: impact of existing programmes",
    "Table 2. Key dimension 2: gap between high-level vision and capacity on the ground",
    "Table 3. Key dimension 3: bottom up OD activities",
]


@pytest.fixture(scope="module")
def tables(paper):
    return excerpt_tables(paper.codebook, paper.codings, paper.excerpts, paper.captions)


@pytest.fixture(scope="module")
def a1(paper):
    return appendix(paper.roster, paper.interviews, paper.site, paper.captions, paper.appendix)


CODES = [
    ("work", None, "dimension", "Work"),
    ("pace", "work", "theme", "Pace"),
    ("fast", "pace", "subtheme", "Too fast"),
    ("slow", "pace", "subtheme", "Too slow"),
    ("help", "work", "theme", "Help"),
    ("home", None, "dimension", "Home"),
]
SAID = [("E1", "Nurse", "Everything changes."), ("E2", None, "Nothing does."), ("E3", "GP", "Nobody helps.")]


def codebook(codes=CODES, printed_in=None):
    """Codes as a study gives them that was never printed."""
    return text(codes, ["code", "parent", "level", "name"]).assign(printed_in=printed_in)


def excerpts(said=SAID):
    frame = text(said, ["excerpt", "speaker", "text"])
    return frame.assign(position=pd.array([None] * len(frame), dtype="Int64"), source="interview", note=None)


def codings(*rows, basis="printed"):
    return text(rows, ["excerpt", "code"]).assign(coder=None, basis=basis, note=None)


def made(*rows, codes=CODES, captions=None, **choices):
    return excerpt_tables(codebook(codes), codings(*rows, **choices), excerpts(), captions or {})


def roster(*rows):
    """Rows of borough, service, care, role and n: people whom no table has printed."""
    frame = text([row[:4] for row in rows], ["borough", "service", "care", "role"])
    return frame.assign(n=pd.array([row[4] for row in rows], dtype="Int64"), as_printed=None)


PEOPLE = roster(
    ("B", "Wards", "acute", "nurse", 3), ("A", "Clinic", "home", "carer", 2), ("A", "Wards", "acute", "GP", 1)
)
NO_INTERVIEWS = text([], ["borough", "as_printed"])


# excerpts of the published study


def test_tables_1_to_3_have_eight_seven_and_four_excerpts(tables):
    assert [table.name for table in tables] == ["table-1", "table-2", "table-3"]
    assert [len(table.frame) for table in tables] == [8, 7, 4]


def test_captions_are_those_of_the_paper(tables, a1):
    assert [table.caption for table in tables] == CAPTIONS
    assert a1.caption == "Table A1. Services under study and interviewees"


def test_every_excerpt_stands_verbatim_in_the_table_that_prints_it(tables, paper):
    printed = [[*table.frame[["excerpt", "speaker"]].itertuples(index=False, name=None)] for table in tables]
    record = paper.excerpts.sort_values("position").groupby("printed_in")
    said = [[*rows[["text", "speaker"]].itertuples(index=False, name=None)] for _, rows in record]
    assert [sorted(rows) for rows in printed] == [sorted(rows) for rows in said]


def test_themes_follow_the_codebook(tables):
    themes = [table.frame["theme"].drop_duplicates().tolist() for table in tables]
    assert themes == [
        ["Top down approach", "Service change"],
        ["Barriers on the ground", "Unrealistic expectations"],
        [""],
    ]


def test_only_table_2_says_that_excerpts_were_placed_by_sense(tables, a1):
    assert [bool(table.note) for table in [*tables, a1]] == [False, True, False, False]
    assert "Staff feeling vulnerable" in tables[1].note
    assert "Struggling to deliver expectations in a context of limited capacity" in tables[1].note


def test_table_names_are_known_before_the_tables_are_made(tables, a1, paper):
    assert table_names(paper.codebook) == [table.name for table in [*tables, a1]]


def test_the_order_of_the_codings_does_not_matter(tables, paper):
    mixed = shuffled(paper.codings, 1), shuffled(paper.excerpts, 2)
    again = excerpt_tables(paper.codebook, *mixed, paper.captions)
    assert [formats.csv(table.frame) for table in again] == [formats.csv(table.frame) for table in tables]


def test_making_tables_leaves_the_study_as_it_was(paper):
    frames = [paper.codebook, paper.codings, paper.excerpts, paper.roster, paper.interviews]
    before = [frame.copy(deep=True) for frame in frames]
    excerpt_tables(*frames[:3], paper.captions)
    appendix(*frames[3:], paper.site, paper.captions, paper.appendix)
    for frame, kept in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, kept)


# the published appendix


def test_table_a1_has_a_row_for_each_borough_and_a_column_for_each_service(a1):
    assert [*a1.headings] == [
        "Locality",
        "Rapid response (intermediate care)",
        "Discharge to assess (intermediate care)",
        "Community services teams (community care)",
        "Other professionals (acute care)",
    ]
    assert a1.frame["Locality"].str[:9].tolist() == ["Borough A", "Borough B", "Borough C"]


def test_a_cell_of_table_a1_is_its_phrases_joined_by_semicolons(a1, paper):
    for (borough, service), rows in paper.roster.groupby(["borough", "service"]):
        (column,) = [name for name in a1.frame if name.startswith(service)]
        cell = a1.frame.loc["ABC".index(borough), column]
        assert cell == "; ".join(rows["as_printed"])


def test_a_row_of_table_a1_begins_with_the_interviews_as_printed(a1):
    assert a1.frame["Locality"][0] == (
        "Borough A; 36 interviews (including 1 group interview with two participants)"
    )


def test_no_cell_of_table_a1_is_missing(a1):
    assert a1.frame.shape == (3, 5)
    assert a1.frame.notna().all(axis=None)


# studies that say less


def test_tables_that_are_printed_nowhere_are_numbered():
    tables = made(("E1", "fast"))
    assert [table.name for table in tables] == ["table-1", "table-2"] == table_names(codebook())[:2]


def test_a_table_without_a_caption_is_called_by_its_code():
    assert [table.caption for table in made(("E1", "fast"))] == ["Table 1. Work", "Table 2. Home"]


def test_a_number_given_by_the_study_is_never_given_twice():
    book = codebook(printed_in=None).assign(printed_in=pd.Series([None] * 5 + ["Table 1"], dtype="str"))
    assert len({*table_names(book)}) == 3


def test_two_codes_at_the_top_that_share_a_printed_table_do_not_overwrite_each_other():
    names = table_names(codebook(printed_in="Table 1"))
    assert len({*names}) == len(names)


def test_a_code_at_the_top_without_excerpts_has_a_table_without_rows():
    home = made(("E1", "fast"))[1]
    assert home.frame.columns.tolist() == ["theme", "subtheme", "excerpt", "speaker"]
    assert len(home.frame) == 0


@pytest.mark.parametrize("suffix", formats.WRITERS)
def test_a_study_without_a_coding_still_has_its_tables_in_every_format(suffix):
    tables = made()
    assert [len(table.frame) for table in tables] == [0, 0]
    assert all(formats.WRITERS[suffix](table) for table in tables)


def test_an_excerpt_that_two_coders_coded_alike_is_printed_once():
    assert made(("E1", "fast"), ("E1", "fast"))[0].frame["excerpt"].tolist() == ["Everything changes."]


def test_an_excerpt_under_two_subthemes_is_printed_under_each():
    frame = made(("E1", "slow"), ("E1", "fast"))[0].frame
    assert frame["subtheme"].tolist() == ["Too fast", "Too slow"]


def test_an_excerpt_under_codes_of_two_tables_is_printed_in_each():
    assert [len(table.frame) for table in made(("E1", "slow"), ("E1", "home"))] == [1, 1]


def test_a_speaker_who_is_not_known_is_a_blank():
    assert made(("E2", "fast"))[0].frame["speaker"].tolist() == [""]


def test_a_code_deeper_than_a_subtheme_is_printed_behind_it():
    deeper = [*CODES, ("now", "fast", "subtheme", "This week")]
    frame = made(("E1", "now"), codes=deeper)[0].frame
    assert frame[["theme", "subtheme"]].to_numpy().tolist() == [["Pace", "Too fast – This week"]]


def test_an_excerpt_coded_on_a_theme_is_not_printed_under_another_theme():
    """Its row has no heading of its own unless the table gives it one."""
    blocks = made(("E1", "slow"), ("E3", "help"))[0].blocks()
    headings = [heading for heading, rows in blocks if "Nobody helps." in rows["excerpt"].tolist()]
    assert len(blocks) == 2
    assert headings != [""]


def test_every_code_on_which_excerpts_were_placed_by_sense_is_named_once():
    note = made(("E1", "fast"), ("E2", "fast"), ("E3", "help"), basis="inferred")[0].note
    assert (note.count("Too fast"), note.count("Help")) == (1, 1)


@given(
    seed=st.integers(0, 99),
    spots=st.sets(st.tuples(st.sampled_from(["E1", "E2", "E3"]), st.sampled_from(CODES))),
)
@properties
def test_no_coding_is_lost_and_none_is_printed_twice(spots, seed):
    rows = sorted((excerpt, code[0]) for excerpt, code in spots)
    tables = excerpt_tables(codebook(), shuffled(codings(*rows), seed), excerpts(), {})
    assert sum(len(table.frame) for table in tables) == len(rows)


# an appendix of a study that says less


def test_an_appendix_without_printed_phrases_counts_people_by_role():
    frame = appendix(PEOPLE, NO_INTERVIEWS, "borough", {}, {"columns": ["service"]}).frame
    assert frame["Wards"].tolist() == ["1 GP", "3 nurse"]
    assert frame["Clinic"].tolist() == ["2 carer", ""]


def test_people_whose_role_is_not_known_are_counted_in_an_appendix_all_the_same():
    frame = appendix(PEOPLE.assign(role=None), NO_INTERVIEWS, "borough", {}, {}).frame
    numbers = frame["Interviewees"].str.findall(r"\d+")
    assert [sum(map(int, cell)) for cell in numbers] == [3, 3]


def test_an_appendix_without_choices_lists_everybody_in_one_column():
    table = appendix(PEOPLE, NO_INTERVIEWS, "borough", {}, {})
    assert [*table.headings] == ["Borough", "Interviewees"]
    assert table.frame["Interviewees"].tolist() == ["2 carer; 1 GP", "3 nurse"]
    assert table.caption == "Table A1. Interviewees"


def test_an_appendix_without_interviews_names_the_site_alone():
    frame = appendix(PEOPLE, NO_INTERVIEWS, "borough", {}, {"rows": "Place"}).frame
    assert frame["Place"].tolist() == ["Borough A", "Borough B"]


def test_an_appendix_takes_the_interviews_of_the_sites_that_have_some():
    held = text([("A", "2 interviews")], ["borough", "as_printed"])
    frame = appendix(PEOPLE, held, "borough", {}, {}).frame
    assert frame["Borough"].tolist() == ["Borough A; 2 interviews", "Borough B"]


@pytest.mark.parametrize("blank", ["service", "care", "borough"])
def test_somebody_with_a_blank_attribute_is_still_in_the_appendix(blank):
    people = PEOPLE.assign(**{blank: PEOPLE[blank].mask(PEOPLE["role"] == "GP")})
    frame = appendix(people, NO_INTERVIEWS, "borough", {}, {"columns": ["service", "care"]}).frame
    assert "1 GP" in "; ".join(frame.to_numpy().ravel())


@pytest.mark.parametrize("suffix", formats.WRITERS)
def test_an_appendix_of_unprinted_people_is_written_in_every_format(suffix):
    assert formats.WRITERS[suffix](appendix(PEOPLE, NO_INTERVIEWS, "borough", {}, {}))


def test_tables_named_in_another_script_keep_names_of_their_own():
    book = codebook().assign(printed_in=pd.Series(["Таблица А", *[None] * 4, "Таблица Б"], dtype="str"))
    names = table_names(book)
    assert all(names)
    assert len({*names}) == 3


# the parts


@given(cells=st.lists(st.sampled_from("ab"), min_size=1, max_size=8))
@properties
def test_spans_cover_every_row_once_and_only_equal_neighbours(cells):
    covers = spans(pd.DataFrame({"x": cells}), "x", ("x",))
    starts = [place for place, rows in enumerate(covers) if rows]
    assert sum(covers) == len(cells)
    assert [cells[place] for place in starts for _ in range(covers[place])] == cells


def test_a_column_that_is_not_merged_has_a_cell_in_every_row():
    assert spans(pd.DataFrame({"x": ["a", "a"]}), "x", ()) == [1, 1]


def test_the_path_to_a_code_leads_from_the_top_to_the_code():
    assert path_to("fast", codebook()) == ["work", "pace", "fast"]
    assert path_to("home", codebook()) == ["home"]


@pytest.mark.parametrize(("printed", "name"), [("Table A1", "table-a1"), ("Box 1/2: “X”", "box-1-2-x")])
def test_a_table_is_named_in_small_letters_digits_and_hyphens(printed, name):
    assert slug(printed) == name


@given(printed=st.text(min_size=1))
@properties
def test_a_name_for_a_file_is_never_a_path(printed):
    assert not {*slug(printed)} & {*"/\\.: "}
