"""A study broken as spreadsheets and people break one, and the sentence that each time says what to do."""

import csv
import io
import json

import pytest

from analysis import study
from analysis.__main__ import main
from analysis.sources import starter
from analysis.study import record

NAME = "my-study"
NOTES = "note,of,owner,text\n"


@pytest.fixture
def raw(tmp_path):
    """The study that `make study` begins, with notes."""
    folder = tmp_path / NAME
    folder.mkdir()
    for name, data in starter.files(NAME).items():
        (folder / name).write_bytes(data)
    (folder / "notes.csv").write_text(NOTES + "N1,excerpts,X1,A remark.\n")
    return tmp_path


def said(raw):
    """Every sentence that checking says."""
    try:
        study.load(NAME, raw)
    except study.StudyError as error:
        return [str(problem) for problem in error.problems]
    return []


def sheet(change):
    """A change of a table's rows, as a spreadsheet would save it."""

    def changed(path):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        rows = change(rows) or rows
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows(rows)
        path.write_bytes(out.getvalue().encode())

    return changed


def cell(line, column, value):
    return sheet(lambda rows: rows[line - 1].__setitem__(rows[0].index(column), value))


def header(old, new):
    return sheet(lambda rows: rows[0].__setitem__(rows[0].index(old), new))


def without(column):
    def dropped(rows):
        place = rows[0].index(column)
        return [row[:place] + row[place + 1 :] for row in rows]

    return sheet(dropped)


def text(old, new):
    return lambda path: path.write_bytes(path.read_bytes().replace(old.encode(), new.encode(), 1))


def bytes_(change):
    return lambda path: path.write_bytes(change(path.read_bytes()))


def semicolons(path):
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    path.write_text(out.getvalue())


def renamed(name):
    return lambda path: path.rename(path.with_name(name))


def choice(name, value):
    def changed(path):
        package = json.loads(path.read_text())
        package["study"][name] = value
        path.write_text(json.dumps(package))

    return changed


def added(*row):
    return sheet(lambda rows: rows.append(list(row)))


def wider(*cells):
    """Further columns: their names, and what stands in them in the first row below."""
    heads, values = cells[: len(cells) // 2], cells[len(cells) // 2 :]
    blank = [""] * len(heads)
    return sheet(
        lambda rows: [[*rows[0], *heads], [*rows[1], *values], *([*row, *blank] for row in rows[2:])]
    )


def roles(*rows):
    """A table of roles beside the roster."""
    return lambda path: path.with_name("roles.csv").write_text(
        "label,role_group,lead,stated\n" + "\n".join(rows)
    )


def written(content):
    return lambda path: path.write_text(content)


def windows(path):
    words = path.read_text(encoding="utf-8").replace(
        "Invented: there", "Invented: \N{LEFT DOUBLE QUOTATION MARK}caf\xe9"
    )
    path.write_bytes(words.encode("cp1252"))


def wide(path):
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))


def case(file, change, sentence):
    """What is done to which file, and the one sentence that is said of it."""
    return file, change, sentence


BROKEN = {
    "a column is renamed": case(
        "excerpts.csv",
        header("participant", "Participant"),
        'excerpts.csv, line 1, column "Participant": no column is called so; rename it to "participant", '
        "if that is meant, or else to a name less like it.",
    ),
    "a column is called an id": case(
        "documents.csv",
        header("participants", "Participant IDs"),
        'documents.csv, line 1, column "Participant IDs": no column is called so; rename it to '
        '"participants", if that is meant, or else to a name less like it.',
    ),
    "a column that has to be there is renamed": case(
        "codings.csv",
        header("code", "Codes"),
        'codings.csv, line 1, column "code": the column is missing; the header has excerpt, Codes, coder. '
        'Is it the column "Codes"? Rename it.',
    ),
    "a column that has to be there is called otherwise": case(
        "codings.csv",
        header("excerpt", "quote"),
        'codings.csv, line 1, column "excerpt": the column is missing; the header has quote, code, coder.',
    ),
    "a name of a column has a space": case(
        "roster.csv",
        header("place", "place "),
        'roster.csv, line 1, column "place ": the name has a space before or after it. Did you mean "place"?',
    ),
    "a column is there twice": case(
        "roster.csv",
        header("note", "role"),
        'roster.csv, line 1, column "role": the name stands in the header more than once; rename one of '
        "the columns.",
    ),
    "a column has no name": case(
        "roster.csv",
        wider("", "7"),
        'roster.csv, line 1: column E has no name, and "7" stands in it on line 2; name the column, or '
        "empty it.",
    ),
    "the header is missing": case(
        "codings.csv",
        sheet(lambda rows: rows[1:]),
        "codings.csv, line 1: no column is called as expected: X1, time, K; expected a header with "
        "excerpt, code.",
    ),
    "a title stands above the header": case(
        "excerpts.csv",
        sheet(lambda rows: rows.insert(0, ["Interviews, spring", "", "", ""])),
        "excerpts.csv, line 1: the header stands on line 2; remove what is above it.",
    ),
    "the file is empty": case(
        "codings.csv",
        written(""),
        "codings.csv, line 1: the file is empty; expected a header with excerpt, code, and rows below it.",
    ),
    "the file has blank rows only": case(
        "codings.csv",
        written("\n,,\n"),
        "codings.csv, line 1: the file is empty; expected a header with excerpt, code, and rows below it.",
    ),
    "semicolons stand between columns": case(
        "excerpts.csv",
        semicolons,
        'excerpts.csv, line 1: "excerpt;participant;document;text" is one column, separated by semicolons; '
        "expected commas: save it with a comma between columns. Did you mean "
        '"excerpt,participant,document,text"?',
    ),
    "tabs stand between columns": case(
        "codings.csv",
        lambda path: path.write_text(path.read_text().replace(",", "\t")),
        'codings.csv, line 1: "excerpt\tcode\tcoder" is one column, separated by tabs; expected commas: '
        'save it with a comma between columns. Did you mean "excerpt,code,coder"?',
    ),
    "Excel's own first line": case(
        "roster.csv",
        text("participant", "sep=,\nparticipant"),
        'roster.csv, line 1: "sep=," is a note for Excel and no header; remove the line.',
    ),
    "a CSV file of Windows": case(
        "excerpts.csv",
        windows,
        'excerpts.csv, line 2, column "text": "\ufffdcaf\ufffd" has a letter that is not saved as UTF-8 '
        '(byte 0x93); save it again as "CSV UTF-8". Did you mean "\u201ccaf\xe9"?',
    ),
    "a CSV file of an old Macintosh": case(
        "codings.csv",
        bytes_(lambda data: data.replace(b"support,K", b"suppl\x8aer,K", 1)),
        'codings.csv, line 3, column "code": "suppl\ufffder" has a letter that is not saved as UTF-8 (byte '
        '0x8A); save it again as "CSV UTF-8".',
    ),
    "Unicode text": case(
        "excerpts.csv",
        wide,
        'excerpts.csv: it is "Unicode text" (UTF-16) and no CSV UTF-8; save it again as "CSV UTF-8".',
    ),
    "a workbook under another name": case(
        "roster.csv",
        bytes_(lambda data: b"PK\x03\x04" + data),
        "roster.csv: this is a workbook under the name of a CSV file; open it in the spreadsheet program "
        'and save it again as "CSV UTF-8".',
    ),
    "a workbook in its place": case(
        "codings.csv",
        renamed("codings.xlsx"),
        'codings.csv: the file is missing; every study needs it, and "codings.xlsx" is a workbook: save '
        'its sheet as "CSV UTF-8" under the name codings.csv.',
    ),
    "a file is missing": case(
        "codings.csv",
        lambda path: path.unlink(),
        "codings.csv: the file is missing; every study needs it.",
    ),
    "a file is called otherwise": case(
        "codings.csv",
        renamed("Codings.csv.txt"),
        'codings.csv: the file is missing; every study needs it: rename "Codings.csv.txt", if that is it.',
    ),
    "a file that may be missing is called otherwise": case(
        "documents.csv",
        renamed("document.csv"),
        "document.csv: no table is called so; rename it to documents.csv, if that is meant, or else to a "
        "name less like it.",
    ),
    "a space": case(
        "codings.csv",
        cell(3, "code", "support "),
        'codings.csv, line 3, column "code": "support " has a space before or after it. Did you mean '
        '"support"?',
    ),
    "nothing but a space": case(
        "codings.csv",
        cell(3, "coder", " "),
        'codings.csv, line 3, column "coder": the cell holds nothing but a space; empty it.',
    ),
    "a line break behind a long text": case(
        "excerpts.csv",
        cell(3, "text", "So many words are here. " * 9 + "\n"),
        'excerpts.csv, line 3, column "text": "So many words are here. So many words ar … rds are here. '
        '\u21b5" has a line break before or after it.',
    ),
    "a sign of a word processor": case(
        "excerpts.csv",
        cell(2, "text", "One\x0btwo."),
        'excerpts.csv, line 2, column "text": "One\ufffdtwo." has a sign that nobody sees (U+000B), as '
        'word processors leave them; remove it. Did you mean "One two."?',
    ),
    "an id is there twice": case(
        "codebook.csv",
        added("time", "", "Time again", ""),
        'codebook.csv, line 5, column "code": "time" stands on line 3 already; expected once. Did you mean '
        '"time2"?',
    ),
    "a coding is there twice": case(
        "codings.csv",
        added("X1", "time", "K"),
        'codings.csv, line 6, column "excerpt + code + coder": "X1" + "time" + "K" stands on line 2 '
        "already; remove one of the two rows.",
    ),
    "a code that the codebook lacks": case(
        "codings.csv",
        cell(3, "code", "suport"),
        'codings.csv, line 3, column "code": "suport" is in no row of codebook.csv; correct it here or add '
        'a row there. Did you mean "support"?',
    ),
    "a code in capitals": case(
        "codings.csv",
        cell(3, "code", "SUPPORT"),
        'codings.csv, line 3, column "code": "SUPPORT" is in no row of codebook.csv; correct it here or '
        'add a row there. Did you mean "support"?',
    ),
    "a participant whom the roster lacks": case(
        "excerpts.csv",
        cell(3, "participant", "P22"),
        'excerpts.csv, line 3, column "participant": "P22" is in no row of roster.csv; correct it here or '
        'add a row there. Did you mean "P2"?',
    ),
    "a participant of an interview whom the roster lacks": case(
        "documents.csv",
        cell(3, "participants", "P2; P33"),
        'documents.csv, line 3, column "participants": "P33" is in no row of roster.csv; correct it here '
        'or add a row there. Did you mean "P3"?',
    ),
    "participants with commas between them": case(
        "documents.csv",
        cell(3, "participants", "P2, P3"),
        'documents.csv, line 3, column "participants": "P2, P3" is in no row of roster.csv; correct it '
        'here or add a row there. Did you mean "P2; P3"?',
    ),
    "a note about nothing that is there": case(
        "notes.csv",
        added("N2", "excerpts", "X33", "A remark."),
        'notes.csv, line 3, column "owner": "X33" is in no row of excerpts.csv; correct it here or add a '
        'row there. Did you mean "X3"?',
    ),
    "a note that does not say about which table it is": case(
        "notes.csv",
        added("N2", "", "X1", "A remark."),
        'notes.csv, line 3, column "of": the cell is blank; expected the table in which "X1" stands.',
    ),
    "a note that does not say about which row it is": case(
        "notes.csv",
        added("N2", "codebook", "", "A remark."),
        'notes.csv, line 3, column "owner": the cell is blank; expected which row of codebook.csv the note '
        "is about.",
    ),
    "an end before its start": case(
        "excerpts.csv",
        wider("start", "end", "9", "3"),
        'excerpts.csv, line 2, column "end": "3" lies before the start, "9"; expected an end behind it.',
    ),
    "a start without an end": case(
        "excerpts.csv",
        wider("start", "end", "9", ""),
        'excerpts.csv, line 2, column "end": the cell is blank, and the start is "9"; expected both or '
        "neither.",
    ),
    "a number with a comma": case(
        "documents.csv",
        cell(2, "order", "1,5"),
        'documents.csv, line 2, column "order": "1,5" is not a whole number. Did you mean "1"?',
    ),
    "a number with thousands": case(
        "documents.csv",
        cell(2, "order", "1.200"),
        'documents.csv, line 2, column "order": "1.200" is not a whole number. Did you mean "1200"?',
    ),
    "a number in words": case(
        "documents.csv",
        cell(2, "order", "first"),
        'documents.csv, line 2, column "order": "first" is not a whole number.',
    ),
    "a date of two countries": case(
        "documents.csv",
        cell(2, "date", "3/1/2024"),
        'documents.csv, line 2, column "date": "3/1/2024" is not a date as 2024-03-01: write 2024-01-03 or '
        "2024-03-01, whichever is meant.",
    ),
    "a date of one country": case(
        "documents.csv",
        cell(2, "date", "31.3.2024"),
        'documents.csv, line 2, column "date": "31.3.2024" is not a date as 2024-03-01. Did you mean '
        '"2024-03-31"?',
    ),
    "a date as Excel counts": case(
        "documents.csv",
        cell(2, "date", "45352"),
        'documents.csv, line 2, column "date": "45352" is not a date as 2024-03-01. Did you mean '
        '"2024-03-01"?',
    ),
    "a day that no calendar has": case(
        "documents.csv",
        cell(2, "date", "2024-02-30"),
        'documents.csv, line 2, column "date": "2024-02-30" is no day of the calendar.',
    ),
    "true in German": case(
        "roster.csv",
        roles("nurse,care,FALSE,WAHR", "manager,lead,TRUE,True"),
        'roles.csv, line 2, column "stated": "WAHR" is not true or false. Did you mean "true"?',
    ),
    "a blank cell, as merging leaves it": case(
        "codings.csv",
        cell(5, "excerpt", ""),
        'codings.csv, line 5, column "excerpt": the cell is blank; expected a value.',
    ),
    "a comma without quotation marks": case(
        "roster.csv",
        text("P2,South", "P2,South,East"),
        "roster.csv, line 3: 5 values where the header has 4: P2, South, East and 2 more; put quotation "
        'marks " around a text with a comma in it.',
    ),
    "a row that is too short": case(
        "codings.csv",
        lambda path: path.write_text(path.read_text() + "X2,time\n"),
        "codings.csv, line 6: 2 values where the header has 3: X2, time; a comma is missing, or a text "
        "goes on in the next line without quotation marks around it.",
    ),
    "a quotation mark that is not closed": case(
        "excerpts.csv",
        text("Invented: there", '"Invented: there'),
        'excerpts.csv, line 2: the quotation marks " of this row do not pair up: one is not closed, or '
        'stands within a text; write those within a text twice ("").',
    ),
    "a quotation mark within a text": case(
        "excerpts.csv",
        text('""ask the others,""', '"ask the others,"'),
        'excerpts.csv, line 3: the quotation marks " of this row do not pair up: one is not closed, or '
        'stands within a text; write those within a text twice ("").',
    ),
    "a code above itself": case(
        "codebook.csv",
        cell(2, "parent", "work"),
        'codebook.csv, line 2, column "parent": "work" leads back to "work"; expected a step up.',
    ),
    "a grouping that the roster lacks": case(
        "datapackage.json",
        choice("groupings", ["plaice", "role"]),
        'datapackage.json, study.groupings: "plaice" is no column of roster.csv; its own are place, role. '
        'Did you mean "place"?',
    ),
    "a grouping that needs another file": case(
        "datapackage.json",
        choice("groupings", ["place", "role_group"]),
        'datapackage.json, study.groupings: "role_group" comes from roles.csv, which is not there.',
    ),
    "a grouping without brackets": case(
        "datapackage.json",
        choice("groupings", "place"),
        'datapackage.json, study.groupings: "place" is not a list of texts: write ["place"].',
    ),
    "no grouping": case(
        "datapackage.json",
        choice("groupings", []),
        "datapackage.json, study.groupings: it names no column of roster.csv by which people are compared; "
        'expected a list, as ["ward"].',
    ),
    "another policy": case(
        "datapackage.json",
        choice("policy", "private"),
        'datapackage.json, study.policy: "private" is not one of public, restricted. Did you mean '
        '"restricted"?',
    ),
    "a curly quotation mark in datapackage.json": case(
        "datapackage.json",
        text('"allowed"', "\N{LEFT DOUBLE QUOTATION MARK}allowed\N{RIGHT DOUBLE QUOTATION MARK}"),
        "datapackage.json, line 31: not readable as JSON: a curly quotation mark stands where a straight "
        'one, ", is expected (Expecting value, column 25).',
    ),
    "a comma too few in datapackage.json": case(
        "datapackage.json",
        text('"restricted",', '"restricted"'),
        "datapackage.json, line 31: not readable as JSON: a comma, a colon or a quotation mark is missing "
        "here or just before (Expecting ',' delimiter, column 5).",
    ),
    "datapackage.json is missing": case(
        "datapackage.json",
        lambda path: path.unlink(),
        "datapackage.json: the file is missing; every study needs it to say by what people are compared: "
        "make study STUDY=another writes one to copy.",
    ),
    "datapackage.json in another encoding": case(
        "datapackage.json",
        bytes_(lambda data: data.replace(b"my-study", b"caf\xe9")),
        "datapackage.json: it is not saved as UTF-8; save it again as text in UTF-8.",
    ),
    "resources of another form": case(
        "datapackage.json",
        written('{"resources": {"roster": 1}, "study": {"groupings": ["place"]}}'),
        'datapackage.json, resources: expected a list of objects, each with a "name".',
    ),
    "a type that is none": case(
        "datapackage.json",
        written(
            '{"resources": [{"name": "roster", "schema": {"fields": [{"name": "role", "type": "text"}]}}], '
            '"study": {"groupings": ["place"]}}'
        ),
        'datapackage.json, resources, roster: "text", the type of "role", is not one of integer, number, '
        'boolean, date, string. Did you mean "date"?',
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_study_broken_in_one_way_is_one_sentence_that_says_what_to_do(raw, case):
    file, change, sentence = BROKEN[case]
    change(raw / NAME / file)
    assert said(raw) == [sentence]


NOT_BROKEN = {
    "a blank row in the middle": ("excerpts.csv", sheet(lambda rows: rows.insert(2, [""] * 4))),
    "blank rows at the end": (
        "excerpts.csv",
        lambda path: path.write_text(path.read_text() + ",,,\n , ,,\n\n"),
    ),
    "a blank row above the header": ("roster.csv", sheet(lambda rows: rows.insert(0, [""] * 4))),
    "blank columns at the end": ("roster.csv", wider("", "", "", "")),
    "blank columns in the middle": (
        "codings.csv",
        sheet(lambda rows: [[row[0], "", *row[1:]] for row in rows]),
    ),
    "the mark of UTF-8": ("roster.csv", bytes_(lambda data: b"\xef\xbb\xbf" + data)),
    "the mark of UTF-8 in datapackage.json": (
        "datapackage.json",
        bytes_(lambda data: b"\xef\xbb\xbf" + data),
    ),
    "line ends of Windows": ("codings.csv", bytes_(lambda data: data.replace(b"\n", b"\r\n"))),
    "line ends of an old Macintosh": ("codings.csv", bytes_(lambda data: data.replace(b"\n", b"\r"))),
    "the lock of Excel": ("roster.csv", lambda path: path.with_name("~$roster.csv").write_bytes(b"\0")),
    "the lock of LibreOffice": (
        "roster.csv",
        lambda path: path.with_name(".~lock.roster.csv#").write_text(","),
    ),
    "a workbook beside its table": (
        "roster.csv",
        lambda path: path.with_name("roster.xlsx").write_bytes(b"PK"),
    ),
    "true and false as Excel writes them": (
        "roster.csv",
        roles("nurse,care,FALSE,True", "manager,lead,TRUE,true"),
    ),
    "only a header": ("codings.csv", written("excerpt,code\n")),
    "a whole interview in one cell": ("excerpts.csv", cell(2, "text", "So many words. " * 20_000 + "End.")),
}


@pytest.mark.parametrize("case", NOT_BROKEN)
def test_what_spreadsheets_leave_behind_is_no_error(raw, case):
    file, change = NOT_BROKEN[case]
    before = study.load(NAME, raw)
    change(raw / NAME / file)
    assert said(raw) == []
    if file == "excerpts.csv" and "interview" not in case:
        assert study.load(NAME, raw).excerpts.equals(before.excerpts)


def test_lines_below_a_blank_row_are_numbered_as_the_spreadsheet_shows_them(raw):
    path = raw / NAME / "codings.csv"
    cell(5, "code", "suport")(path)
    sheet(lambda rows: rows.insert(2, ["", "", ""]))(path)
    assert said(raw)[0].startswith('codings.csv, line 6, column "code": "suport"')


def test_true_is_true_however_it_is_written(raw):
    roles("nurse,care,FALSE,True", "manager,lead,TRUE,true")(raw / NAME / "roster.csv")
    assert study.load(NAME, raw).roles["lead"].tolist() == [False, True]
    assert study.load(NAME, raw).roles["stated"].tolist() == [True, True]


def test_errors_of_all_kinds_are_told_at_once(raw):
    """Also those that join a table with one in which another cell is wrong."""
    folder = raw / NAME
    cell(2, "date", "3/1/2024")(folder / "documents.csv")
    cell(3, "participants", "P2; P9")(folder / "documents.csv")
    cell(2, "document", "D9")(folder / "excerpts.csv")
    cell(3, "participant", "P2 ")(folder / "excerpts.csv")
    cell(4, "text", "")(folder / "excerpts.csv")
    cell(2, "code", "tiem")(folder / "codings.csv")
    cell(5, "excerpt", "X9")(folder / "codings.csv")
    choice("policy", "restricted")(folder / "datapackage.json")
    choice("compare", ["ward"])(folder / "datapackage.json")
    assert [one.partition(":")[0] for one in said(raw)] == [
        'excerpts.csv, line 3, column "participant"',
        'documents.csv, line 2, column "date"',
        'excerpts.csv, line 2, column "document"',
        'codings.csv, line 5, column "excerpt"',
        'codings.csv, line 2, column "code"',
        'documents.csv, line 3, column "participants"',
        "datapackage.json, study.compare",
    ]


def test_a_roster_without_ids_is_one_sentence_for_each_table_that_names_people(raw):
    without("participant")(raw / NAME / "roster.csv")
    says = 'is in no row of roster.csv, whose column "participant" is blank or missing; write the ids there.'
    assert said(raw) == [
        f'excerpts.csv, line 2, column "participant": "P1" {says}',
        f'documents.csv, line 2, column "participants": "P1" {says}',
    ]


def test_a_table_that_lost_its_rows_does_not_accuse_the_others(raw):
    (raw / NAME / "roster.csv").write_text("participant,place,role\nP1,North\n")
    assert [one.partition(":")[0] for one in said(raw)] == ["roster.csv, line 2"]
    (raw / NAME / "roster.csv").write_text("participant,place,role\n")
    assert {one.partition(": ")[2] for one in said(raw)} == {
        '"P1" is in no row of roster.csv, which has only a header; write the ids there.'
    }


def test_many_errors_of_one_kind_are_counted(raw):
    rows = "".join(f"X{number},time,K\n" for number in range(100, 150))
    (raw / NAME / "codings.csv").write_text("excerpt,code,coder\nX1,tiem,K\n" + rows)
    with pytest.raises(study.StudyError) as caught:
        study.load(NAME, raw)
    lines = str(caught.value).split("\n")
    assert lines[0].endswith("my-study: 51 errors")
    assert len(lines) == 1 + study.StudyError.MOST + 1 + 1
    assert lines[-2] == 'codings.csv, column "excerpt": 38 more of this kind.'
    assert len(caught.value.problems) == 51


def test_check_says_what_is_there_and_what_is_not_said(raw, monkeypatch, capsys):
    monkeypatch.setattr(record, "RAW", raw)
    cell(4, "participant", "")(raw / NAME / "excerpts.csv")
    (raw / NAME / "codings.csv").write_text("excerpt,code\n")
    assert main(["check", NAME]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert lines[0] == "my-study: no errors"
    assert "  excerpts.csv: 3 rows, 1 without a participant" in lines
    assert "  codings.csv: 0 rows, only a header" in lines
    assert "  notes.csv: 1 row" in lines
    assert "  claims.csv: absent" in lines


def test_check_ends_with_exit_code_2_and_changes_nothing(raw, monkeypatch, capsys):
    monkeypatch.setattr(record, "RAW", raw)
    cell(3, "code", "suport")(raw / NAME / "codings.csv")
    before = {path: path.read_bytes() for path in (raw / NAME).iterdir()}
    assert main(["check", NAME]) == 2
    assert "my-study: 1 error\ncodings.csv, line 3" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in (raw / NAME).iterdir()}
