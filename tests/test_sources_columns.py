"""Columns of every known export are found out, and every row and mark of them is accounted for."""

from dataclasses import replace

import pandas as pd
import pytest
import sheets
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis.sources import attributes, columns, dates, grid, headers, mapping, rows
from analysis.sources.mapping import Mapping
from analysis.sources.project import LINKS, SourceError


def balanced(project):
    """Every row and mark stands in one table once, ids are their own, and links lead somewhere."""
    what = pd.concat([frame["what"] for frame in project.tables.values()]).dropna().value_counts()
    assert what.to_dict() == {one: count for one, count in project.totals.items() if count}
    for table, frame in project.tables.items():
        if "id" in frame:
            assert frame["id"].is_unique, table
            assert frame["id"].notna().all(), table
    for table, column, named in LINKS:
        links = project[table][column].dropna()
        assert links.isin(project[named]["id"]).all(), (table, column)
    for table in ("values", "notes"):
        for of, owner in project[table][["of", "owner"]].to_numpy():
            assert owner in set(project[of]["id"]), (table, owner)
    return project


def read(path, given=None):
    project, used = columns.read(path, given)
    return balanced(project), used


def recognised(tables):
    """What the sheets of a file are proposed to be."""
    found = columns.propose(columns.best(tables))
    return f"{found.tool} {found.form}".strip()


def faults(project):
    """The reasons of all broken rows."""
    return [why for frame in project.tables.values() for why in frame.loc[frame["broken"], "why"]]


def coded(project):
    """Which code each passage has, by words and names."""
    kept = project["codings"].loc[lambda codings: codings["why"].isna()]
    merged = kept.merge(project["passages"], left_on="passage", right_on="id")
    return list(zip(merged["source"], merged["text"], merged["code"], strict=True))


@pytest.mark.parametrize("language", sheets.MAXQDA)
@pytest.mark.parametrize("ending", ["xlsx", "csv", "xls"])
def test_segments_of_maxqda_are_read_in_every_language(tmp_path, language, ending):
    table = [sheets.MAXQDA[language].split(","), *sheets.SEGMENTS]
    path = tmp_path / f"generated.{ending}"
    {"xlsx": sheets.xlsx, "csv": sheets.plain, "xls": sheets.xls}[ending](path, table)
    project, used = read(path)
    assert (project.tool, project.form) == ("MAXQDA", "coded segments")
    assert recognised(grid.read(path)) == "MAXQDA coded segments"
    assert project.totals == {"row": 3, "code mark": 3, "column": 3, "sheet": 0}
    assert used.path == " > "
    assert coded(project) == [
        ("P1", "We wait.", "Time > Waiting"),
        ("P1", "We wait.", "Trust"),
        ("P2", "Nobody\ncame.", "Time"),
    ]
    assert project["codes"].set_index("id")["parent"].dropna().to_dict() == {"Time > Waiting": "Time"}
    assert project["passages"]["region"].tolist() == ["paragraphs 3-4", "paragraphs 3-4", "paragraphs 7"]
    assert project["passages"]["start"].isna().all()
    assert project["codings"]["coder"].tolist() == ["K", "L", "K"]
    assert project["codings"]["weight"].tolist() == ["50", "0", "0"]
    assert project["codings"]["date"].tolist() == ["2024-03-01", "2024-03-13T14:05:00", "2024-03-02"]
    said = project["values"][["owner", "variable", "value"]].to_numpy().tolist()
    assert said == [["P1", "Wave 1", "yes"], ["P2", "role", "nurse"]]
    note = project["notes"].iloc[0]
    assert (note["of"], note["text"], note["author"]) == ("codings", "look again", "K")
    assert project["sources"]["text"].isna().all()
    assert any("count paragraphs" in finding for finding in project.findings)


def test_a_document_of_maxqda_is_its_own_only_within_its_group(tmp_path):
    table = [sheets.MAXQDA["German"].split(","), *[list(row) for row in sheets.SEGMENTS]]
    table[3][2:4] = ["Wave 2", "P1"]
    project, _ = read(sheets.plain(tmp_path / "generated.csv", table))
    assert project["sources"]["name"].tolist() == ["P1 (Wave 1)", "P1 (Wave 2)"]


def test_thirteen_columns_of_something_else_are_no_segments(tmp_path):
    table = [sheets.MAXQDA["unknown"].split(","), *[[*row] for row in sheets.SEGMENTS]]
    table[2][12] = "in spring"
    assert recognised(grid.read(sheets.plain(tmp_path / "a.csv", table))) == "a table"
    with pytest.raises(SourceError, match=r"no column is known as a code; .*not used are Xa, Xb"):
        columns.read(tmp_path / "a.csv")


def test_highlights_of_taguette_are_a_row_for_each_tag(tmp_path):
    project, _ = read(sheets.plain(tmp_path / "generated.csv", sheets.TAGUETTE))
    assert (project.tool, project.form) == ("Taguette", "highlights")
    assert project["passages"]["region"].tolist() == ["id 1", "id 1", "id 2"]
    assert coded(project)[0] == ("P1.docx", "We wait.", "time.waiting")
    assert "Taguette leaves out highlights without a tag." in project.findings


def test_an_id_of_two_passages_is_a_fault(tmp_path):
    table = [*sheets.TAGUETTE, ["2", "P2.docx", "trust", "Other words."]]
    project, _ = read(sheets.plain(tmp_path / "generated.csv", table))
    assert faults(project) == ['column "id": "2" is another passage in line 4; expected a number of its own']


def test_a_codebook_of_taguette_is_codes_and_no_passages(tmp_path):
    header = ["tag", "description", "number of highlights", "number of documents"]
    table = [header, ["time", "of day", "3", "2"], ["trust", "", "1", "1"], ["time", "", "0", "0"]]
    project, _ = read(sheets.plain(tmp_path / "generated.csv", table))
    assert project.form == "codebook"
    assert project["codes"]["name"].tolist() == ["time", "trust"]
    assert project["codes"]["definition"].tolist()[0] == "of day"
    assert project["passages"].empty
    assert project.totals == {"row": 3, "code mark": 0, "column": 2, "sheet": 0}


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_excerpts_of_dedoose_are_read_by_their_columns_of_codes(tmp_path, ending):
    path = tmp_path / f"generated.{ending}"
    (sheets.xlsx if ending == "xlsx" else sheets.plain)(path, sheets.DEDOOSE)
    project, used = read(path)
    assert (project.tool, project.form) == ("Dedoose", "excerpts")
    assert used.wide["Code: Time\\Waiting, long Applied"] == "Time\\Waiting, long"
    codings = project["codings"]
    assert codings["code"].tolist() == ["Time", "Time > Waiting, long", "Time"]
    assert codings["weight"].tolist()[1] == "7"
    assert codings["coder"].tolist() == ["K", "K", "L"]
    assert codings["date"].tolist() == ["2024-03-04", "2024-03-04", "2024-03-14"]
    assert project["passages"]["region"].tolist() == ["0-8", "0-8", "4-9"]
    assert used.attributes == {"document": ("Ward",)}
    assert project["values"]["value"].tolist() == ["A", "B"]
    assert {"Shift", "Codes Applied Combined"} <= {*used.unused}


def test_excerpts_of_dedoose_without_such_columns_are_read_by_their_list(tmp_path):
    table = [[row[place] for place in (0, 2, 4, 6)] for row in sheets.DEDOOSE]
    project, used = read(sheets.plain(tmp_path / "generated.csv", table))
    assert used.separator == ","
    assert project["codings"]["code"].tolist() == ["Time", "Waiting", "long", "Time"]


def test_quotations_of_atlasti_name_several_codes_and_groups(tmp_path):
    project, used = read(sheets.xlsx(tmp_path / "generated.xlsx", sheets.ATLASTI, [["another"], ["sheet"]]))
    assert (project.tool, project.form) == ("ATLAS.ti", "quotations")
    assert used.separator == "\n"
    assert project.totals == {"row": 3, "code mark": 4, "column": 0, "sheet": 1}
    codings = project["codings"]
    assert codings["code"].tolist() == ["Time", "Trust", "Time", "Trust"]
    assert codings["why"].notna().tolist() == [False, False, True, False]
    assert project["passages"]["region"].tolist()[0] == "id 1:1, 3 - 4"
    said = project["values"][["owner", "variable", "value"]].to_numpy().tolist()
    assert ["P2", "gender: male", "yes"] in said  # a group of women and men has no one gender
    assert ["P1", "Wave 1", "yes"] in said
    note = project["notes"].iloc[0]
    assert (note["of"], note["owner"]) == ("passages", "2")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_ones_own_is_read_by_plain_names(tmp_path, delimiter):
    project, used = read(sheets.plain(tmp_path / "generated.csv", sheets.PLAIN, delimiter))
    assert used.columns == {"participant": "Participant", "text": "Quote"}
    assert (used.codes, used.separator) == (("Theme",), ";")
    assert project["codings"]["code"].tolist() == ["Time", "Trust", "Time"]
    assert project["members"][["case", "source"]].to_numpy().tolist() == [["P1", "P1"], ["P2", "P2"]]
    assert project["passages"]["case"].tolist() == ["P1", "P2"]
    assert project.findings[-1].startswith("What the columns are was guessed")


def test_a_group_that_talks_is_no_ones_document(tmp_path):
    table = [
        ["file", "speaker", "text", "code"],
        ["G1", "P1", "a", "T"],
        ["G1", "P2", "b", "T"],
        ["I3", "P3", "c", "T"],
    ]
    table += [["I4", "P4", "d", "T"], ["I4", "", "and then?", ""]]
    project, _ = read(sheets.plain(tmp_path / "generated.csv", table))
    assert project["members"][["case", "source"]].to_numpy().tolist() == [["P3", "I3"]]
    assert project["passages"]["case"].fillna("").tolist() == ["P1", "P2", "P3", "P4", ""]
    assert project.totals["code mark"] == 4


def test_columns_that_are_codes_are_found_by_what_they_hold(tmp_path):
    table = [
        ["speaker", "text", "Time", "Trust", "age"],
        ["P1", "a", "1", "0", "41"],
        ["P2", "b", "x", "", "33"],
    ]
    project, used = read(sheets.plain(tmp_path / "generated.csv", table))
    assert used.wide == {"Time": "Time"}  # nobody has said Trust, so nothing tells that it is a code
    assert used.unused == ("Trust", "age")
    more = replace(
        used, wide={"Time": "time > of day", "Trust": "trust"}, path=">", attributes={"participant": ("age",)}
    )
    project, _ = read(tmp_path / "generated.csv", more)
    assert project["codes"]["id"].tolist() == ["time", "time > of day"]
    assert project["values"][["of", "owner", "value"]].to_numpy().tolist() == [
        ["cases", "P1", "41"],
        ["cases", "P2", "33"],
    ]


def test_several_columns_of_codes_are_read(tmp_path):
    table = [
        ["interview", "quote", "Code 1", "Code 2"],
        ["I1", "a", "Time", "Trust"],
        ["I1", "b", "Time", ""],
    ]
    project, used = read(sheets.plain(tmp_path / "generated.csv", table))
    assert used.codes == ("Code 1", "Code 2")
    assert len(project["codings"]) == 3


def test_an_id_that_numbers_people_is_not_taken_for_one_of_passages(tmp_path):
    table = [["id", "text", "code"], ["7", "a", "Time"], ["7", "b", "Time"]]
    _, used = read(sheets.plain(tmp_path / "generated.csv", table))
    assert used.unused == ("id",)


def test_blank_rows_and_rows_above_the_header_are_listed(tmp_path):
    table = [["Codings of May", "", ""], ["", "", ""], *sheets.PLAIN, ["", "", ""]]
    project, used = read(sheets.plain(tmp_path / "generated.csv", table))
    assert used.header_row == 3
    assert project.totals["row"] == 5
    others = project["others"]
    assert others["why"].tolist() == ["it stands above the header"] * 2 + ["the row is blank"]
    assert others["where"].tolist() == ["line 1", "line 2", "line 7"]


def test_a_name_that_stands_twice_in_the_header_is_two_columns(tmp_path):
    table = [["document", "code", "code", ""], ["D", "Time", "Trust", "x"]]
    project, used = read(sheets.plain(tmp_path / "generated.csv", table))
    assert used.unused == ("code (column C)", "column D")
    assert project.totals["column"] == 2


PLACES = Mapping(
    codes=("code",), columns={"document": "file", "start": "from", "end": "to", "text": "text", "weight": "w"}
)


def test_places_are_whole_numbers_in_order(tmp_path):
    header = ["file", "from", "to", "text", "code", "w"]
    table = [
        header,
        ["D", "3", "9", "a", "T", "1,5"],
        ["D", "x", "9", "a", "T", ""],
        ["D", "9", "3", "a", "T", ""],
    ]
    table += [["", "1", "2", "a", "T", ""], ["D", "1", "2", "a", "T", "much"], ["D", "1", "2", "a", "T"]]
    project, _ = read(sheets.plain(tmp_path / "a.csv", table), PLACES)
    assert project["passages"]["region"][0].endswith("characters 3-9")
    assert project["codings"]["weight"].tolist()[0] == "1.5"
    assert sorted(faults(project)) == sorted(
        [
            'column "from": "x" is not a place; expected a whole number',
            'column "to": "3" is before the start, 9',
            'column "file": "" is blank; expected the name of the document in every row',
            'the weight of "T": "much" is not a number',
            "it has 5 cells where the header has 6",
        ]
    )


def test_a_mark_that_is_neither_yes_nor_no_is_a_fault(tmp_path):
    path = sheets.plain(tmp_path / "a.csv", [["who", "Time"], ["P1", "2"], ["P2", "TRUE"]])
    project, _ = read(path, Mapping(columns={"participant": "who"}, wide={"Time": "Time"}))
    assert faults(project) == ['column "Time": "2" is neither 1 nor 0 (True and False, x and blank)']
    assert len(project["codings"]) == 1


def test_two_values_of_one_attribute_are_a_fault(tmp_path):
    path = sheets.plain(
        tmp_path / "a.csv", [["who", "age", "code"], ["P1", "41", "T"], ["P1", "14", "T"], ["P1", "", "T"]]
    )
    given = Mapping(codes=("code",), columns={"participant": "who"}, attributes={"participant": ("age",)})
    project, _ = read(path, given)
    assert faults(project) == ['column "age": "P1" has "14" here and "41" in line 2; expected one value']


def test_a_passage_as_long_as_a_cell_may_be_is_named(tmp_path):
    table = [["document", "text", "code"], ["D", "x" * rows.LONGEST_CELL, "T"]]
    project, _ = read(sheets.xlsx(tmp_path / "a.xlsx", table))
    assert any("may have been cut" in finding for finding in project.findings)


def test_a_formula_is_words(tmp_path):
    project, _ = read(sheets.plain(tmp_path / "a.csv", [["document", "text", "code"], ["D", "=1+1", "T"]]))
    assert project["passages"]["text"].tolist() == ["=1+1"]


def test_a_mapping_that_does_not_fit_names_every_column_and_the_nearest(tmp_path):
    path = sheets.plain(tmp_path / "a.csv", sheets.PLAIN)
    given = Mapping(codes=("Theme",), columns={"document": "Partcipant", "text": "Quotes"})
    with pytest.raises(SourceError) as error:
        columns.read(path, given)
    assert error.value.problems == [
        f'the mapping, columns.{role}: "{found}" is no column of the sheet. Did you mean "{nearest}"?'
        for role, found, nearest in (("document", "Partcipant", "Participant"), ("text", "Quotes", "Quote"))
    ]
    with pytest.raises(SourceError, match='"9" is no row; the sheet has 3'):
        columns.read(path, replace(given, header_row=9))
    book = sheets.xlsx(tmp_path / "a.xlsx", sheets.PLAIN)
    with pytest.raises(SourceError, match=r'"Sheet" is not in the workbook\. Did you mean "Sheet1"'):
        columns.read(book, replace(given, sheet="Sheet"))


@pytest.mark.parametrize("content", [[], [[]], [["", ""]]])
def test_an_empty_table_is_refused(tmp_path, content):
    with pytest.raises(SourceError, match="it is empty"):
        columns.read(sheets.plain(tmp_path / "a.csv", content))


def test_a_header_alone_is_a_study_without_passages(tmp_path):
    project, _ = read(sheets.plain(tmp_path / "a.csv", sheets.PLAIN[:1]))
    assert project.totals["row"] == 0


def test_what_is_missing_is_a_code():
    assert mapping.what_is_missing(Mapping(codes=("a",))) == []
    assert mapping.what_is_missing(Mapping(wide={"a": "a"})) == []
    assert mapping.what_is_missing(Mapping(unused=("a", "b"))) == [
        'no column is known as a code; name it under "codes" or "wide" (not used are a, b)'
    ]


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
lists = st.lists(words, max_size=3).map(tuple)
some = st.lists(words, min_size=1, max_size=3).map(tuple)
tables = st.dictionaries(words, words, max_size=3)
mappings = st.builds(
    Mapping,
    tool=words, form=words, sheet=words, header_row=st.integers(1, 99), codes=lists, separator=words,
    path=words, positions=st.sampled_from(mapping.POSITIONS), unused=lists,
    columns=st.dictionaries(st.sampled_from(sorted(mapping.ROLES)), words, max_size=5),
    wide=tables, weights=tables,
    attributes=st.dictionaries(st.sampled_from(["document", "participant"]), some),
)  # fmt: skip


@small.properties
@given(mappings)
def test_a_mapping_written_is_the_mapping_read(given):
    text = mapping.to_toml(given)
    assert mapping.from_toml(text) == given
    assert mapping.from_toml(text.encode("utf-8").decode("utf-8")) == given


def test_every_key_of_a_written_mapping_has_its_comment():
    text = mapping.to_toml(Mapping())
    for says in [*mapping.KEYS.values(), *mapping.ROLES.values()]:
        assert f"# {says}" in text


def test_a_proposed_mapping_reads_the_same_again(tmp_path):
    path = sheets.plain(tmp_path / "a.csv", sheets.DEDOOSE)
    project, used = read(path)
    again, _ = read(path, mapping.from_toml(mapping.to_toml(used)))
    for table, frame in project.tables.items():
        pd.testing.assert_frame_equal(frame, again[table])


def test_a_mapping_file_is_told_all_that_is_wrong_with_it():
    text = 'header_rows = 1\nheader_row = 0\ncodes = "Code"\npositions = "pages"\n'
    text += '[columns]\ndocuments = "D"\ntext = 3\n'
    with pytest.raises(SourceError) as error:
        mapping.from_toml(text, "columns.toml")
    assert error.value.problems == [
        'columns.toml, header_rows: there is no such key. Did you mean "header_row"?',
        'columns.toml, columns.documents: there is no such key. Did you mean "document"?',
        "columns.toml, header_row: 0 is not a row: 1 or more.",
        'columns.toml, codes: "Code" is not a list of columns, as ["Code"].',
        'columns.toml, positions: "pages" is not one of characters, paragraphs.',
        'columns.toml, columns: {"documents": "D", "text": 3} is not a table of names in quotation marks.',
    ]
    with pytest.raises(SourceError, match="not readable as TOML"):
        mapping.from_toml("codes = [")


cells = st.sampled_from(["", "P1", "P2", "Time", "Trust > Self", "a; b", "1", "0", "x", "12", "w\nx", " "])
names = sorted(
    {name for kind in headers.known().values() for several in kind.values() for name in several} | {"", "Q"}
)


@small.properties
@given(st.data())
def test_whatever_a_sheet_holds_every_row_is_accounted_for(tmp_path_factory, data):
    width = data.draw(st.integers(1, 6))
    header = data.draw(st.lists(st.sampled_from(names), min_size=width, max_size=width))
    body = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6))
    path = sheets.plain(tmp_path_factory.mktemp("any") / "generated.csv", [header, *body])
    table = grid.read(path)
    if not any(any(row) for row in table[0].rows) or mapping.what_is_missing(columns.propose(table[0])):
        with pytest.raises(SourceError):
            columns.read(path)
    else:
        read(path)


def test_dates_are_sure_or_blank():
    assert dates.iso(["31.12.2023", "1. 2. 2024", "2024-02-30", "2024/2/3 4:05"]) == [
        "2023-12-31", "2024-02-01", None, "2024-02-03T04:05:00",
    ]  # fmt: skip
    assert dates.iso(["3/14/2024 2:05 PM", "1/2/2024 12:00 am"]) == [
        "2024-03-14T14:05:00",
        "2024-01-02T00:00:00",
    ]
    assert dates.iso(["14/3/2024", "1/2/2024"]) == ["2024-03-14", "2024-02-01"]
    assert dates.iso(["14/3/2024", "3/14/2024"]) == [None, None]


ATTRIBUTES = [["Interview", "age", "ward"], ["p1 .DOCX", "41", "A"], ["P9", "33", ""], ["", "", ""]]


def test_attributes_are_joined_by_name_and_what_is_left_is_told(tmp_path):
    project, _ = read(sheets.plain(tmp_path / "a.csv", sheets.TAGUETTE))
    rows = attributes.attributes(sheets.plain(tmp_path / "b.csv", ATTRIBUTES))
    joined, unknown, silent = attributes.join(project, rows)
    balanced(joined)
    said = joined["values"][["owner", "variable", "value", "where"]].to_numpy().tolist()
    assert said == [["P1.docx", "age", "41", "line 2"], ["P1.docx", "ward", "A", "line 2"]]
    assert (unknown, silent) == (["P9"], ["P2.docx"])
    assert joined["others"]["why"].tolist() == ['nothing is called "P9"']
    assert project["values"].empty
    again, _, _ = attributes.join(joined, rows)
    balanced(again)
    assert (again["others"]["why"] == "it is said already").sum() == 2


def test_attributes_of_participants_go_to_them(tmp_path):
    project, _ = read(sheets.plain(tmp_path / "a.csv", sheets.PLAIN))
    table = [["age", "Participant"], ["41", "p 1"], ["33", "P2"]]
    joined, unknown, silent = attributes.join(
        project, attributes.attributes(sheets.xlsx(tmp_path / "b.xlsx", table))
    )
    assert joined["values"][["of", "owner", "value"]].to_numpy().tolist() == [
        ["cases", "P1", "41"],
        ["cases", "P2", "33"],
    ]
    assert unknown == silent == []


def test_attributes_are_read_by_a_mapping(tmp_path):
    path = sheets.plain(tmp_path / "b.csv", [["Xy", "age"], ["P1", "41"]])
    with pytest.raises(SourceError, match="line 1: no column is known to name documents or participants"):
        attributes.attributes(path)
    rows = attributes.attributes(path, Mapping(columns={"participant": "Xy"}))
    assert rows[["of", "name", "variable", "value"]].to_numpy().tolist() == [["cases", "P1", "age", "41"]]


def test_attributes_that_contradict_are_refused(tmp_path):
    table = [["Interview", "age"], ["P1", "41"], ["p1.txt", "14"], ["P2", "1"], ["P2", "1"], ["", "7"]]
    with pytest.raises(SourceError) as error:
        attributes.attributes(sheets.plain(tmp_path / "b.csv", table))
    assert error.value.problems == [
        'line 3, column "age": "p1.txt" has "14" here and "41" in line 2; expected one value',
        'line 6, column "Interview": "" is blank; expected a name',
    ]
    project, _ = read(sheets.plain(tmp_path / "a.csv", sheets.TAGUETTE))
    first, _, _ = attributes.join(project, attributes.attributes(sheets.plain(tmp_path / "c.csv", table[:2])))
    other = attributes.attributes(sheets.plain(tmp_path / "d.csv", [table[0], table[2]]))
    with pytest.raises(SourceError, match='has "14" here and "41" in the project'):
        attributes.join(first, other)


def test_two_names_that_are_one_are_refused(tmp_path):
    table = [*sheets.TAGUETTE, ["3", "p1", "trust", "x"]]
    project, _ = read(sheets.plain(tmp_path / "a.csv", table))
    with pytest.raises(SourceError, match=r'"P1\.docx" and "p1" are one name'):
        attributes.join(project, attributes.attributes(sheets.plain(tmp_path / "b.csv", ATTRIBUTES)))


def test_what_is_said_of_each_person_alone_is_their_attribute(tmp_path):
    header = ["Participant", "Quote", "Code", "Site", "Mood"]
    table = [
        header,
        ["P1", "It was calm.", "calm", "North", "good"],
        ["P1", "Then it was not.", "noise", "North", "bad"],
        ["P2", "So it was.", "calm", "South", "good"],
    ]
    project, used = read(sheets.plain(tmp_path / "a.csv", table))
    assert used.attributes == {"participant": ("Site",)}
    values = project["values"]
    assert values[["owner", "variable", "value"]].to_numpy().tolist() == [
        ["P1", "Site", "North"],
        ["P2", "Site", "South"],
    ]


def test_rows_of_one_id_are_at_one_place(tmp_path):
    table = [
        ["file", "id", "from", "to", "text", "code"],
        ["D", "1", "3", "9", "a", "T"],
        ["D", "1", "3", "9", "a", "U"],
        ["D", "1", "4", "9", "a", "V"],
    ]
    given = replace(PLACES, columns=PLACES.columns | {"id": "id"})
    given = replace(given, columns={role: name for role, name in given.columns.items() if role != "weight"})
    project, _ = read(sheets.plain(tmp_path / "a.csv", table), given)
    assert faults(project) == ['column "id": "1" is another passage in line 2; expected a number of its own']
