"""Loading and checking: what a broken table says, and where."""

import csv
import json

import frictionless
import pytest

from analysis import ROOT, study
from analysis.__main__ import main
from analysis.study import record
from analysis.study.problems import nearest

PAPER = "bussu-marshall-2020"
TABLES = ["roster", "interviews", "roles", "codebook", "excerpts", "codings", "activities", "claims"]


def edit(raw, table, change):
    """Read a raw table as rows, let `change` alter them, write them back."""
    path = raw / PAPER / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def problems(raw):
    with pytest.raises(study.StudyError) as caught:
        study.load(PAPER, raw)
    return [str(problem) for problem in caught.value.problems]


def put(line, column, value):
    """A change of one cell, by its line as a spreadsheet shows it."""

    def change(rows):
        rows[line - 1][rows[0].index(column)] = value

    return change


CELLS = [
    ("roster", 3, "borough", "Bourough A", '"Bourough A" is not one of A, B, C. Did you mean "A"?'),
    ("roster", 3, "role", "nurse ", '"nurse " has a space before or after it. Did you mean "nurse"?'),
    (
        "roster",
        3,
        "role",
        "nurze",
        '"nurze" is no label of roles.csv; correct it here or add a row there. Did you mean "nurse"?',
    ),
    ("roster", 4, "n", "0", '"0" is less than 1; expected 1 or more. Did you mean "1"?'),
    ("roster", 4, "n", "-3", '"-3" is less than 1; expected 1 or more. Did you mean "1"?'),
    ("roster", 4, "n", "three", '"three" is not a whole number. Did you mean "1"?'),
    ("roster", 4, "n", "2.5", '"2.5" is not a whole number. Did you mean "2"?'),
    ("roster", 2, "service_leads", "9", '"9" is more than the n of the row, "3". Did you mean "3"?'),
    ("interviews", 2, "borough", "a", '"a" is not one of A, B, C. Did you mean "A"?'),
    ("interviews", 3, "interviews", "-23", '"-23" is less than 0; expected 0 or more. Did you mean "0"?'),
    ("interviews", 3, "group_sizes", "2; 3", "is 2 interviews of 5 people, the row counts 3 of 7"),
    ("roles", 5, "broader", "nurs", '"nurs" is neither a label nor a role group. Did you mean "nurse"?'),
    ("roles", 2, "stated", "yes", '"yes" is not true or false'),
    (
        "codebook",
        3,
        "parent",
        "impct",
        '"impct" is in no row of codebook.csv; correct it here or add a row there. Did you mean "impact"?',
    ),
    ("codebook", 3, "level", "topic", '"topic" is not one of dimension, theme, subtheme'),
    ("codebook", 2, "parent", "top-down", '"top-down" leads back to "impact"; expected a step up'),
    (
        "excerpts",
        4,
        "speaker",
        "Nures",
        '"Nures" is no label of roles.csv; correct it here or add a row there. Did you mean "nurse"?',
    ),
    ("excerpts", 4, "source", "notes", '"notes" is not one of interview, field notes. Did you mean "field'),
    ("codings", 5, "code", "meeting", '"meeting" is in no row of codebook.csv; correct it here or add'),
    ("codings", 5, "excerpt", "E99", '"E99" is in no row of excerpts.csv; correct it here or add'),
    ("activities", 2, "direction", "top down", '"top down" is not one of top-down, bottom-up, mixed. Did'),
    ("activities", 2, "borough", "D", '"D" is not one of A, B, C, not named.'),
    ("claims", 2, "kind", "compute", '"compute" is not one of computed, attested, not reproducible. Did'),
    ("claims", 2, "claim", "", "the cell is blank; expected a value"),
]


@pytest.mark.parametrize(("table", "line", "column", "value", "says"), CELLS)
def test_a_wrong_cell_is_named_by_file_line_column_and_value(raw, table, line, column, value, says):
    edit(raw, table, put(line, column, value))
    found = problems(raw)
    assert any(
        one.startswith(f'{table}.csv, line {line}, column "{column}": ') and says in one for one in found
    )


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_column_is_named(raw, table):
    def drop_first_required(rows):
        required = next(
            f["name"]
            for f in json.loads((raw / PAPER / "datapackage.json").read_text())["resources"][
                TABLES.index(table)
            ]["schema"]["fields"]
            if f.get("constraints", {}).get("required")
        )
        place = rows[0].index(required)
        for row in rows:
            del row[place]
        drop_first_required.name = required

    edit(raw, table, drop_first_required)
    where = f'{table}.csv, line 1, column "{drop_first_required.name}": the column is missing'
    assert any(one.startswith(where) for one in problems(raw))


def test_a_misspelt_column_is_recognised(raw):
    edit(raw, "roster", put(1, "borough", "bourough"))
    assert 'Is it the column "bourough"?' in problems(raw)[0]


@pytest.mark.parametrize("table", TABLES)
def test_semicolons_are_refused(raw, table):
    path = raw / PAPER / f"{table}.csv"
    path.write_text("\n".join(line.replace(",", ";") for line in path.read_text().splitlines()))
    found = problems(raw)
    says = "separated by semicolons; expected commas: save it with a comma between columns. Did you mean"
    assert any(says in one for one in found)


@pytest.mark.parametrize("table", TABLES)
def test_latin_1_is_refused_with_the_line_and_the_byte(raw, table):
    path = raw / PAPER / f"{table}.csv"
    lines = path.read_bytes().decode("utf-8").encode("latin-1", errors="replace").splitlines()
    lines[1] = lines[1].replace(b",", b",caf\xe9", 1)
    path.write_bytes(b"\n".join(lines))
    found = next(one for one in problems(raw) if one.startswith(f"{table}.csv"))
    assert f"{table}.csv, line 2, column " in found
    assert "caf\ufffd" in found
    assert 'a letter that is not saved as UTF-8 (byte 0xE9); save it again as "CSV UTF-8".' in found
    assert 'Did you mean "café' in found


@pytest.mark.parametrize("table", TABLES)
def test_a_trailing_space_is_refused(raw, table):
    def spaced(rows):
        rows[1][-1] = "word "

    edit(raw, table, spaced)
    assert any('"word " has a space before or after it' in one for one in problems(raw))


@pytest.mark.parametrize("table", ["codebook", "excerpts", "roles", "claims", "activities"])
def test_a_repeated_id_is_named_with_both_lines(raw, table):
    edit(raw, table, lambda rows: rows.insert(5, list(rows[3])))
    found = [one for one in problems(raw) if "stands on line 4 already" in one]
    assert len(found) == 1
    assert f"{table}.csv, line 6" in found[0]


def test_a_broken_table_of_roles_is_the_only_error(raw):
    path = raw / PAPER / "roles.csv"
    path.write_text(path.read_text() + "x")
    (one,) = problems(raw)
    assert one.startswith("roles.csv, line 21: 1 value where the header has 6: x; a comma is missing, or")


def test_a_site_has_its_interviews_once(raw):
    edit(raw, "interviews", put(3, "borough", "A"))
    assert any(
        'interviews.csv, line 3, column "borough": "A" stands on line 2' in one for one in problems(raw)
    )


def test_a_participant_stands_in_the_roster_once(raw):
    for line in (4, 5):
        edit(raw, "roster", put(line, "participant", "P1"))
        edit(raw, "roster", put(line, "n", "1"))
    found = [one for one in problems(raw) if 'column "participant": "P1" stands on line 4 already' in one]
    assert len(found) == 1


@pytest.mark.parametrize(
    "study_part", [[], "text", {"site": ["borough"]}, {"groupings": "borough"}, {"sight": "x"}]
)
def test_a_datapackage_of_another_shape_is_a_sentence_and_no_traceback(raw, study_part):
    path = raw / PAPER / "datapackage.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"study": study_part}))
    assert all(one.startswith("datapackage.json") for one in problems(raw))


@pytest.mark.parametrize("value", ["99999999999999999999", "３"])
def test_a_number_that_no_table_holds_is_no_number(raw, value):
    edit(raw, "roster", put(4, "n", value))
    assert "is not a whole number" in problems(raw)[0]


@pytest.mark.parametrize("column", ["computed_by", "fact", "value"])
def test_a_computed_claim_says_what_computes_it(raw, column):
    edit(raw, "claims", put(2, column, ""))
    assert problems(raw) == [
        f'claims.csv, line 2, column "{column}": the cell is blank; a computed claim needs it.'
    ]


@pytest.mark.parametrize("column", ["file", "rule"])
def test_an_address_of_a_claim_has_a_file_and_a_rule(raw, column):
    edit(raw, "claims", put(2, column, ""))
    assert problems(raw) == [
        f'claims.csv, line 2, column "{column}": the cell is blank; an address needs it.'
    ]


def test_only_a_claim_that_is_computed_has_an_address(raw):
    edit(raw, "claims", put(30, "file", "sample.csv"))
    says = '"sample.csv" is part of an address, which only a computed claim has'
    assert problems(raw) == [f'claims.csv, line 30, column "file": {says}.']


def test_a_study_of_ones_own_may_have_claims_without_addresses(raw):
    with (raw / PAPER / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = [row[:-4] for row in csv.reader(file)]
    with (raw / PAPER / "claims.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    path = raw / PAPER / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    (declared,) = [one["schema"] for one in package["resources"] if one["name"] == "claims"]
    declared["fields"] = declared["fields"][:-4]
    path.write_text(json.dumps(package), encoding="utf-8")
    assert study.load(PAPER, raw).claims["file"].isna().all()


def test_a_repeated_excerpt_is_offered_the_next_free_id(raw):
    edit(raw, "excerpts", put(4, "excerpt", "E01"))
    assert any('Did you mean "E20"?' in one for one in problems(raw))


def test_a_coding_of_one_coder_stands_once(raw):
    edit(raw, "codings", lambda rows: rows.append(list(rows[1])))
    assert "stands on line 2 already" in problems(raw)[0]


def test_an_excerpt_without_a_coding_is_an_error_where_the_study_forbids_it(raw):
    edit(raw, "codings", lambda rows: rows.pop(4))
    where = 'excerpts.csv, line 5, column "excerpt": '
    says = '"E04" has no coding in codings.csv, and this study forbids it (uncoded_excerpts in '
    assert problems(raw) == [where + says + "datapackage.json)."]


def test_an_excerpt_without_a_coding_is_allowed_where_the_study_allows_it(raw):
    edit(raw, "codings", lambda rows: rows.pop(4))
    package = json.loads((raw / PAPER / "datapackage.json").read_text())
    package["study"]["uncoded_excerpts"] = "allowed"
    (raw / PAPER / "datapackage.json").write_text(json.dumps(package))
    assert len(study.load(PAPER, raw).codings) == 18


def test_all_errors_are_told_at_once(raw):
    edit(raw, "roster", put(3, "borough", "D"))
    edit(raw, "codings", put(5, "code", "nothing"))
    edit(raw, "interviews", put(2, "interviews", "many"))
    assert {one.split(",")[0] for one in problems(raw)} == {"roster.csv", "codings.csv", "interviews.csv"}


def test_a_row_of_another_width_is_named(raw):
    edit(raw, "roles", lambda rows: rows[2].append("more"))
    assert "roles.csv, line 3: 7 values where the header has 6" in problems(raw)[0]


def test_a_missing_required_table_is_named(raw):
    (raw / PAPER / "codings.csv").unlink()
    assert "codings.csv: the file is missing; every study needs it." in problems(raw)


def test_a_missing_optional_table_is_an_empty_frame(raw):
    (raw / PAPER / "activities.csv").unlink()
    loaded = study.load(PAPER, raw)
    assert loaded.activities.empty
    assert "activities" in loaded.missing
    assert {"borough", "direction", "name"} <= set(loaded.activities)


def test_an_unknown_study_is_offered_the_nearest_one(raw):
    with pytest.raises(study.StudyError, match='Did you mean "bussu-marshall-2020"'):
        study.load("busu-marshal", raw)


def test_a_byte_order_mark_is_no_error(raw):
    path = raw / PAPER / "roles.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "label" in study.load(PAPER, raw).roles


def test_a_broken_datapackage_is_named(raw):
    (raw / PAPER / "datapackage.json").write_text('{"study": ')
    assert "not readable as JSON" in problems(raw)[0]


def test_an_unknown_choice_is_named(raw):
    path = raw / PAPER / "datapackage.json"
    package = json.loads(path.read_text())
    package["study"] |= {"policy": "publick", "groupings": ["bourough"]}
    path.write_text(json.dumps(package))
    found = problems(raw)
    assert any('"publick" is not one of public, restricted. Did you mean "public"?' in one for one in found)


def test_bad_input_ends_with_exit_code_2_and_one_sentence_a_problem(raw, monkeypatch, capsys):
    edit(raw, "roster", put(3, "borough", "Bourough A"))
    monkeypatch.setattr(record, "RAW", raw)
    before = {path: path.stat().st_mtime_ns for path in (ROOT / "data" / "derived").rglob("*")}
    assert main(["reproduce", PAPER]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 2
    assert (
        'roster.csv, line 3, column "borough": "Bourough A" is not one of A, B, C. Did you mean "A"?' in said
    )
    assert before == {path: path.stat().st_mtime_ns for path in (ROOT / "data" / "derived").rglob("*")}


def test_frictionless_accepts_the_package():
    report = frictionless.validate(ROOT / "data" / "raw" / PAPER / "datapackage.json")
    assert report.valid, report.flatten(["type", "note"])


def test_the_package_keeps_the_contract_of_every_table():
    package = json.loads((ROOT / "data" / "raw" / PAPER / "datapackage.json").read_text())
    for resource in package["resources"]:
        ours = {field["name"]: field for field in resource["schema"]["fields"]}
        for field in study.CONTRACT[resource["name"]]["fields"]:
            name = "borough" if field["name"] == "site" else field["name"]
            if name in ours:
                assert ours[name]["type"] == field.get("type", "string"), (resource["name"], name)
            else:
                assert not field.get("constraints", {}).get("required"), (resource["name"], name)


def test_the_nearest_value_is_the_same_word_before_the_same_letters():
    assert nearest("Borough C", ["A", "B", "C"]) == "C"
    assert nearest("care navigater", ["care worker", "care navigator"]) == "care navigator"
