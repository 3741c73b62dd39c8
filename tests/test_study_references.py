"""Studies whose large tables lie elsewhere, in files: what comes of them, and of faults in them."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter

import duckdb
import pandas as pd
import pytest

from analysis import ROOT, SIMULATED, FailedError, UnusableError, frames, study
from analysis.__main__ import main
from analysis.runs import record
from analysis.study import engines, queries, remembered, sampling
from analysis.study.tables import read

NAME = "simulated-elsewhere"
TABLES = ("roster", "documents", "excerpts", "codings")


@pytest.fixture(autouse=True)
def _own_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(remembered, "PLACE", tmp_path / "checked")


class Made:
    """The simulated study with its large tables elsewhere, to be changed by SQL before it is written."""

    def __init__(self, raw):
        self.raw, self.folder = raw, raw / NAME
        shutil.copytree(study.RAW / SIMULATED, self.folder)
        self.tables = duckdb.connect()
        for table in TABLES:
            frame = read(self.folder / f"{table}.csv", study.CONTRACT[table]["fields"]).frame
            blank = [column for column in frame if frame[column].isna().all()]
            self.tables.from_df(frame.drop(columns=blank)).create(table)

    def written(self, *tables):
        for table in tables or TABLES:
            (self.folder / f"{table}.csv").unlink(missing_ok=True)
            self.tables.sql(f"COPY {table} TO '{self.folder / table}.parquet'")
            self.refer(table, format="parquet", path=f"{table}.parquet")
        return self

    def refer(self, table, /, **said):
        package = self.package()
        others = [one for one in package.get("resources", []) if one["name"] != table]
        package["resources"] = [*others, {"name": table, **said}]
        (self.folder / "datapackage.json").write_text(json.dumps(package))

    def package(self):
        return json.loads((self.folder / "datapackage.json").read_text())

    def choose(self, **choices):
        package = self.package()
        package["study"] |= choices
        (self.folder / "datapackage.json").write_text(json.dumps(package))

    def load(self, **how):
        return study.load(NAME, self.raw, **how)

    def said(self):
        with pytest.raises(study.StudyError) as error:
            self.load()
        return [str(problem) for problem in error.value.problems]


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path / "raw")


def ordered(frame):
    return frame.sort_values([*frame], ignore_index=True)


@pytest.mark.parametrize("table", TABLES)
def test_a_study_elsewhere_is_the_study_of_its_files(made, simulated, table):
    loaded = made.written().load()
    assert loaded.sampled == ""
    assert loaded.missing == simulated.missing
    mine, its = getattr(loaded, table), getattr(simulated, table)
    pd.testing.assert_frame_equal(ordered(mine[[*its]]), ordered(its))
    assert loaded.counts(table) == simulated.counts(table)


def test_what_is_counted_in_full_has_the_groups_of_each_participant(made, simulated):
    made.tables.sql("UPDATE excerpts SET participant = NULL WHERE excerpt = 'X001'")
    made.tables.sql("UPDATE roster SET service = NULL WHERE participant = 'P002'")
    found = frames.collected(made.written().load().whole.excerpts)
    groups = [*simulated.groupings]
    people = simulated.roster.set_index("participant")[groups]
    people.loc["P002", "service"] = "not stated"
    expected = simulated.excerpts[["excerpt", "participant"]].sort_values("excerpt", ignore_index=True)
    expected.loc[expected["excerpt"] == "X001", "participant"] = None
    expected = expected.join(people, on="participant")
    assert "role_group" in groups
    assert expected["service"].eq("not stated").sum() > 0
    pd.testing.assert_frame_equal(
        found[["excerpt", "participant", *groups]],
        expected[["excerpt", "participant", *groups]],
        check_dtype=False,
    )


def test_whole_tables_of_files_are_the_frames(simulated):
    assert simulated.whole.excerpts is simulated.excerpts
    assert simulated.referenced is None


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr(sampling, "SIZE", 40)


@pytest.mark.usefixtures("_small")
def test_a_sample_is_drawn_with_all_that_belongs_to_it(made, simulated):
    loaded = made.written().load()
    assert loaded.sampled.startswith("40 of the 338 excerpts, a simple random sample drawn with the seed")
    ids = {*loaded.excerpts["excerpt"]}
    assert len(ids) == 40
    pd.testing.assert_frame_equal(
        ordered(loaded.codings),
        ordered(simulated.codings[simulated.codings["excerpt"].isin(ids)])[[*loaded.codings]],
    )
    assert {*loaded.documents["document"]} == {*loaded.excerpts["document"]}
    assert {*loaded.excerpts["participant"]} == {*loaded.roster["participant"].dropna()}
    assert loaded.counts("excerpts")["rows"] == 338


@pytest.mark.usefixtures("_small")
def test_every_count_of_people_is_exact_in_the_short_roster(made, simulated):
    made.tables.sql("UPDATE roster SET service = NULL WHERE participant < 'P010'")
    short = made.written().load().roster
    full = simulated.roster.assign(
        service=simulated.roster["service"].mask(simulated.roster["participant"] < "P010", "not stated")
    )
    assert len(short) < len(full)
    for by in (["borough"], ["service"], ["borough", "service", "role_group", "stated", "lead"]):
        columns = ["n", "service_leads", "listed_again"]
        pd.testing.assert_frame_equal(short.groupby(by)[columns].sum(), full.groupby(by)[columns].sum())


@pytest.mark.usefixtures("_small")
def test_people_are_alike_in_what_they_are_counted_by_where_the_rest_makes_too_many_groups(made, monkeypatch):
    monkeypatch.setattr(sampling, "GROUPS", 20)
    made.tables.sql("ALTER TABLE roster ADD COLUMN desk VARCHAR")
    made.tables.sql("UPDATE roster SET desk = participant || ' sits there'")
    short = made.written().load().roster
    groups = short[short["participant"].isna()]
    assert groups["desk"].isna().all()
    assert short.loc[short["participant"].notna(), "desk"].notna().all()
    assert short["n"].sum() == 88


@pytest.mark.usefixtures("_small")
def test_the_sample_does_not_hang_on_the_order_of_rows_or_on_their_files(made, tmp_path):
    one = made.written().load()
    other = Made(tmp_path / "other")
    other.written("roster", "documents", "codings")
    (other.folder / "excerpts.csv").unlink()
    (other.folder / "parts").mkdir()
    for part in (0, 1):
        rows = f"FROM excerpts WHERE hash(excerpt) % 2 = {part} ORDER BY hash(text)"
        other.tables.sql(f"COPY ({rows}) TO '{other.folder}/parts/{part}.parquet'")
    other.refer("excerpts", format="parquet", path="parts/*.parquet")
    pd.testing.assert_frame_equal(one.excerpts, other.load().excerpts)


def test_a_duckdb_file_holds_tables_too(made, simulated):
    with duckdb.connect(made.folder / "study.duckdb") as file:
        file.sql("CREATE SCHEMA survey")
        for table in TABLES:
            frame = made.tables.sql(f"FROM {table}").df()
            file.sql(f"CREATE TABLE survey.{table} AS FROM frame")
            assert len(frame)
    for table in TABLES:
        (made.folder / f"{table}.csv").unlink()
        made.refer(table, format="duckdb", path="study.duckdb", table=f"survey.{table}")
    pd.testing.assert_frame_equal(
        ordered(made.load().excerpts[[*simulated.excerpts]]), ordered(simulated.excerpts)
    )


def parted(made, table, *parts):
    """A table in a folder of CSV files, each with some of its rows."""
    (made.folder / f"{table}.csv").unlink()
    (made.folder / table).mkdir()
    for number, some in enumerate(parts):
        some.to_csv(made.folder / table / f"part[{number}].csv", index=False, encoding="utf-8-sig")
    made.refer(table, format="csv", path=f"{table}/*.csv")


def test_folders_of_csv_files_are_read_in_the_engine(made, simulated):
    for table in ("excerpts", "codings"):
        rows = read(made.folder / f"{table}.csv", study.CONTRACT[table]["fields"]).frame
        parted(made, table, rows.iloc[::2], rows.iloc[1::2, ::-1])  # columns may stand in another order
    loaded = made.load()
    assert loaded.referenced is not None
    for table in ("excerpts", "codings"):
        mine, its = getattr(loaded, table), getattr(simulated, table)
        pd.testing.assert_frame_equal(ordered(mine[[*its]]), ordered(its))


def test_numbers_of_large_csv_files_are_held_to_what_small_ones_are(made):
    rows = read(made.folder / "excerpts.csv", study.CONTRACT["excerpts"]["fields"]).frame
    rows = rows[["excerpt", "participant", "text", "position"]]
    rows["position"] = ["1.5", "1e2", "200", " 7"] + [None] * (len(rows) - 4)
    parted(made, "excerpts", rows)
    assert [said.split(": ", 1)[1] for said in made.said()] == [
        '" 7" has a space before or after it. Did you mean "7"?',
        '"1.5" is not a whole number. Did you mean "1"?',
        '"1e2" is not a whole number. Did you mean "1"?',
    ]


def test_a_folder_stands_for_the_files_in_it(made, simulated):
    made.written()
    (made.folder / "parts" / "of two").mkdir(parents=True)
    half = "hash(excerpt) % 2 = "
    for number, name in enumerate(("[ab].parquet", "of two/a.parquet", "_not yet.parquet")):
        rows = made.tables.table("codings").filter(f"{half}{number % 2}")
        rows.write_parquet(f"{made.folder}/parts/{name}")
    made.refer("codings", format="parquet", path="parts")
    assert made.load().counts("codings") == simulated.counts("codings")


DAY = "'2024-03-01'"


@pytest.mark.parametrize("path", ["../_large/*.parquet", "{raw}/_large/*.parquet", "../_large"])
def test_files_may_lie_outside_of_the_study(made, simulated, path):
    made.written()
    (made.raw / "_large").mkdir()
    (made.folder / "codings.parquet").rename(made.raw / "_large" / "1.parquet")
    made.refer("codings", format="parquet", path=path.format(raw=made.raw))
    assert made.load().counts("codings") == simulated.counts("codings")


def test_a_file_of_its_own_name_is_read_into_memory_however_it_is_declared(made):
    made.refer("roster", format="csv")
    made.refer("codebook", format="csv", path="./codebook.csv")
    made.refer("codings", path="codings.csv")
    assert made.load().referenced is None


@pytest.mark.parametrize(
    "kind", ["TIMESTAMP", "TIMESTAMPTZ", "TIME", "DATE", "INTEGER[]", "STRUCT(a INTEGER)", "BLOB", "UUID"]
)
def test_columns_of_which_nothing_is_known_may_be_of_any_type(made, simulated, kind):
    some = {"INTEGER[]": "[1]", "STRUCT(a INTEGER)": "{'a': 1}", "TIME": "'10:00:00'", "UUID": "uuid()"}
    made.tables.sql(f"ALTER TABLE excerpts ADD COLUMN submitted {kind}")
    made.tables.sql(f"ALTER TABLE excerpts ALTER submitted SET DEFAULT {some.get(kind, DAY)}")
    made.tables.sql("UPDATE excerpts SET submitted = DEFAULT")
    assert made.written().load().counts("excerpts") == simulated.counts("excerpts")


def held_to(made, pattern):
    """Excerpts with a further column, of which the study says a pattern."""
    made.tables.sql("ALTER TABLE excerpts ADD COLUMN ward VARCHAR")
    made.tables.sql("UPDATE excerpts SET ward = concat('Pä', excerpt)")
    made.tables.sql("UPDATE excerpts SET ward = 'z z' WHERE excerpt = 'X100'")
    fields = [{"name": "ward", "constraints": {"pattern": pattern}}]
    made.written().refer("excerpts", format="parquet", path="excerpts.parquet", schema={"fields": fields})


def test_what_an_engine_suspects_wrongly_hides_nothing(made):
    held_to(made, r"\w+")
    (said,) = made.said()
    assert said == 'excerpts.parquet, in 1 row, column "ward": "z z" does not have the form \\w+.'


def test_a_pattern_means_to_an_engine_what_it_means_to_python(made):
    held_to(made, r"[\w ]*\D")
    said = made.said()
    assert all("does not have the form" in one for one in said)
    assert len(said) > 1


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        (r"\w+", r"[\p{L}\p{N}_]+"),
        (r"[\w-]\d", r"[\p{L}\p{N}_-]\p{Nd}"),
        (r"\W", r"[^\p{L}\p{N}_]"),
        (r"[a\W]", r"[a\W]"),  # in a list "all but" would be a sign of its own
        (r"\[\w", r"\[[\p{L}\p{N}_]"),
    ],
)
def test_letters_and_digits_of_patterns_are_written_for_engines(pattern, meant):
    assert queries._pattern(pattern) == f"^(?:{meant})$"  # noqa: SLF001 - what an engine is asked, to the letter


def test_a_pattern_of_numbers_is_asked_of_texts(made):
    made.tables.sql("ALTER TABLE excerpts ADD COLUMN age INTEGER")
    made.tables.sql("UPDATE excerpts SET age = 123 WHERE excerpt = 'X100'")
    fields = [{"name": "age", "type": "integer", "constraints": {"pattern": "[0-9]{1,2}"}}]
    made.written().refer("excerpts", format="parquet", path="excerpts.parquet", schema={"fields": fields})
    (said,) = made.said()
    assert said == 'excerpts.parquet, in 1 row, column "age": "123" does not have the form [0-9]{1,2}.'


def test_a_pattern_that_an_engine_does_not_know_is_named(made):
    held_to(made, "(?!X)P.*")
    (said,) = made.said()
    assert said.startswith(
        "datapackage.json, resources, excerpts, ward: the engine can make nothing of the pattern (?!X)P.*"
    )


UNREAD = {
    'E1,"it is so,1\nE2,it is not,2\n': (
        "row 2: a quotation mark has no end, or one inside of a cell is not doubled"
    ),
    "E1,it is so,1,2\n": "row 2: it has 4 cells; expected 3",
    "E1,it is so\n": "row 2: it has 2 cells; expected 3",
    "E1,caf\udce9,1\n": "row 2: it is no readable row of a CSV file in UTF-8",
}


@pytest.mark.parametrize("rows", UNREAD)
def test_a_row_of_a_large_csv_file_that_cannot_be_read_is_named(made, rows):
    (made.folder / "excerpts.csv").rename(made.folder / "large.csv")
    text = "excerpt,text,position\n" + rows
    (made.folder / "large.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    made.refer("excerpts", format="csv", path="large.csv")
    with pytest.raises(FailedError) as error:
        made.load()
    assert str(error.value) == f'"large.csv", {UNREAD[rows]}'


def test_tables_of_files_stand_beside_those_elsewhere(made, simulated):
    loaded = made.written("excerpts", "codings").load()
    pd.testing.assert_frame_equal(ordered(loaded.roster[[*simulated.roster]]), ordered(simulated.roster))
    count = frames.collected(loaded.whole.excerpts.group_by("borough").agg(frames.nw.len().alias("n")))
    spoken = simulated.excerpts["participant"].map(simulated.roster.set_index("participant")["borough"])
    assert dict(count.to_numpy()) == spoken.value_counts().to_dict()


def test_ids_may_be_numbers(made):
    for table in ("excerpts", "codings"):
        made.tables.sql(
            f"CREATE OR REPLACE TABLE {table} AS FROM {table} SELECT * REPLACE (excerpt[2:]::INT AS excerpt)"
        )
    assert made.written().load().excerpts["excerpt"].iloc[0] == "1"


ONE = "WHERE rowid = (SELECT min(rowid) FROM codings WHERE excerpt = 'X003')"
NO_ROW = "correct it here or add a row there."
BROKEN = {
    "a column is missing": (
        "ALTER TABLE codings DROP COLUMN code",
        'codings.parquet, column "code": the column is missing; the header has excerpt, coder, basis.',
    ),
    "a column is of another type": (
        "ALTER TABLE excerpts ALTER start TYPE VARCHAR",
        (
            'excerpts.parquet, column "start": the column holds values of the type String; '
            "expected a whole number."
        ),
    ),
    "a code is null": (
        "UPDATE codings SET code = NULL WHERE IT",
        'codings.parquet, in 1 row, column "code": the cell is blank; expected a value.',
    ),
    "a code is an empty text": (
        "UPDATE codings SET code = '' WHERE IT",
        'codings.parquet, in 1 row, column "code": the cell is blank; expected a value.',
    ),
    "a code has a space behind it": (
        "UPDATE codings SET code = 'workload ' WHERE IT",
        (
            'codings.parquet, in 1 row, column "code": "workload " has a space before or after it. '
            'Did you mean "workload"?'
        ),
    ),
    "a code is unknown": (
        "UPDATE codings SET code = 'feeling-vulnerabel' WHERE code = 'feeling-vulnerable'",
        (
            'codings.parquet, in 115 rows, column "code": "feeling-vulnerabel" is in no row of codebook.csv; '
            f'{NO_ROW} Did you mean "feeling-vulnerable"?'
        ),
    ),
    "an excerpt is unknown": (
        "INSERT INTO codings SELECT 'X999' AS excerpt, * EXCLUDE excerpt FROM codings WHERE excerpt = 'X003'",
        f'codings.parquet, in 8 rows, column "excerpt": "X999" is in no row of excerpts.parquet; {NO_ROW}',
    ),
    "an excerpt is there twice": (
        "INSERT INTO excerpts FROM excerpts WHERE excerpt = 'X003'",
        'excerpts.parquet, in 2 rows, column "excerpt": "X003" stands more than once; expected once.',
    ),
    "a coding is there twice": (
        "INSERT INTO codings FROM (FROM codings ORDER BY ALL LIMIT 1)",
        (
            'codings.parquet, in 2 rows, column "excerpt + code + coder": '
            '"X001" + "feeling-vulnerable" + "coder 1" '
            "stands more than once; remove one of the two rows."
        ),
    ),
    "a source is none": (
        "UPDATE excerpts SET source = 'Interview' WHERE excerpt = 'X003'",
        (
            'excerpts.parquet, in 1 row, column "source": "Interview" is not one of interview, field notes. '
            'Did you mean "interview"?'
        ),
    ),
    "a text has a sign that nobody sees": (
        "UPDATE excerpts SET text = 'a' || chr(11) || 'b' WHERE excerpt = 'X003'",
        (
            'excerpts.parquet, in 1 row, column "text": "a�b" has a sign that nobody sees (U+000B), '
            'as word processors leave them; remove it. Did you mean "a b"?'
        ),
    ),
    "a text ends in a wide space": (
        "UPDATE excerpts SET text = 'so it is' || chr(8195) WHERE excerpt = 'X003'",
        (
            'excerpts.parquet, in 1 row, column "text": "so it is\u2003" has a space before or after it. '
            'Did you mean "so it is"?'
        ),
    ),
    "a start is less than nothing": (
        "UPDATE excerpts SET start = -1 WHERE excerpt = 'X003'",
        (
            'excerpts.parquet, in 1 row, column "start": "-1" is less than 0; expected 0 or more. '
            'Did you mean "0"?'
        ),
    ),
    "an end is missing": (
        "UPDATE excerpts SET start = 7, \"end\" = NULL WHERE excerpt = 'X003'",
        (
            'excerpts.parquet, in 1 row, column "end": the cell is blank, and the start is "7"; '
            "expected both or neither."
        ),
    ),
    "an end lies before its start": (
        "UPDATE excerpts SET start = 7, \"end\" = 5 WHERE excerpt = 'X003'",
        (
            'excerpts.parquet, in 1 row, column "end": "5" lies before the start, "7"; '
            "expected an end behind it."
        ),
    ),
    "a participant is unknown": (
        "UPDATE excerpts SET participant = 'P999' WHERE excerpt = 'X003'",
        f'excerpts.parquet, in 1 row, column "participant": "P999" is in no row of roster.parquet; {NO_ROW}',
    ),
    "a participant of a document is unknown": (
        "UPDATE documents SET participants = 'P001;P999' WHERE document = 'I01'",
        'documents.parquet, in 1 row, column "participants": "P999" is in no row of roster.parquet; '
        + NO_ROW,
    ),
    "a day is none of the calendar": (
        (
            "ALTER TABLE documents ADD COLUMN date VARCHAR;"
            "UPDATE documents SET date = '2023-02-29' WHERE document = 'I01'"
        ),
        'documents.parquet, in 1 row, column "date": "2023-02-29" is no day of the calendar.',
    ),
    "a participant is there twice": (
        "INSERT INTO roster FROM roster WHERE participant = 'P003'",
        'roster.parquet, in 2 rows, column "participant": "P003" stands more than once; expected once.',
    ),
    "a participant is in two groups": (
        "INSERT INTO roster SELECT * REPLACE ('C' AS borough) FROM roster WHERE participant = 'P003'",
        (
            'roster.parquet, in 2 rows, column "borough": "P003" stands in rows of "A" and "C"; '
            "expected one row with one borough."
        ),
    ),
    "a role is unknown": (
        "UPDATE roster SET role = 'nurze' WHERE participant = 'P003'",
        (
            f'roster.parquet, in 1 row, column "role": "nurze" is no label of roles.csv; {NO_ROW} '
            'Did you mean "nurse"?'
        ),
    ),
    "an id stands for several": (
        "UPDATE roster SET n = 2 WHERE participant = 'P003'",
        (
            'roster.parquet, in 1 row, column "n": "2" people share the id "P003"; expected 1 with an id. '
            'Did you mean "1"?'
        ),
    ),
    "more lead than there are": (
        "UPDATE roster SET service_leads = 2 WHERE participant = 'P003'",
        (
            'roster.parquet, in 1 row, column "service_leads": "2" is more than the n of the row, "1". '
            'Did you mean "1"?'
        ),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_said_as_of_a_file(made, case):
    change, sentence = BROKEN[case]
    made.tables.sql(change.replace("WHERE IT", ONE))
    assert made.written().said() == [sentence]


def test_an_excerpt_without_a_coding_is_an_error_where_the_study_says_so(made):
    made.tables.sql("DELETE FROM excerpts WHERE excerpt NOT IN (SELECT excerpt FROM codings)")
    made.tables.sql("DELETE FROM codings WHERE excerpt = 'X003'")
    made.written().load()
    made.choose(uncoded_excerpts="error")
    assert made.said() == [
        (
            'excerpts.parquet, in 1 row, column "excerpt": "X003" has no coding in codings.parquet, '
            "and this study forbids it (uncoded_excerpts in datapackage.json)."
        )
    ]


def test_of_many_values_at_fault_as_many_are_told_as_can_be_read_and_the_others_are_counted(made):
    made.tables.sql("UPDATE codings SET code = code || ' of ' || excerpt")
    with pytest.raises(study.StudyError) as error:
        made.written().load()
    wrong = len(made.tables.sql("SELECT DISTINCT code FROM codings").fetchall())
    lines = str(error.value).split("\n")
    assert lines[0].endswith(f": {wrong:,} errors")
    assert len(lines) == 1 + 12 + 1
    assert lines[-1] == f'codings.parquet, column "code": {wrong - 12:,} more of this kind.'


def test_choices_are_held_to_tables_elsewhere(made):
    made.written().choose(groupings=["borugh"], compare=["borough"], site="borough")
    (said,) = made.said()
    assert said.startswith(
        'datapackage.json, study.groupings: "borugh" is no column of roster.parquet; its own are'
    )
    made.choose(groupings=["borough"], cleared=["X003", "X999"])
    assert made.said() == ['datapackage.json, study.cleared: "X999" is in no row of excerpts.parquet.']


def test_tables_of_files_are_held_to_those_elsewhere(made):
    (made.folder / "notes.csv").write_text("note,of,owner,text\nN1,excerpts,X003,So.\nN2,excerpts,X999,No.\n")
    (made.folder / "selections.csv").write_text("by,code,group,excerpt\nborough,feeling-vulnerable,C,X003\n")
    said = made.written().said()
    assert f'notes.csv, in 1 row, column "owner": "X999" is in no row of excerpts.parquet; {NO_ROW}' in said
    assert any(
        one.startswith('selections.csv, line 2, column "excerpt": "X003" is of borough "A", not "C"')
        for one in said
    )


@pytest.mark.usefixtures("_small")
def test_quotations_are_chosen_by_hand_from_the_sample(made, simulated):
    made.choose(policy="public")
    inside = made.written().load().excerpts["excerpt"]
    known = simulated.excerpts.set_index("excerpt")
    under = simulated.codings.drop_duplicates("excerpt").set_index("excerpt")["code"]
    borough = simulated.roster.set_index("participant")["borough"]
    theme = made.load().codebook.set_index("code")["parent"]
    outside = next(one for one in under.index if one not in {*inside})
    for one in (next(one for one in under.index if one in {*inside}), outside):
        row = f"borough,{theme[under[one]]},{borough[known.loc[one, 'participant']]},{one}"
        (made.folder / "selections.csv").write_text(f"by,code,group,excerpt\n{row}\n")
        if one != outside:
            assert made.load().selections["excerpt"].tolist() == [one]
    (said,) = made.said()
    assert said == (
        f'selections.csv, line 2, column "excerpt": "{outside}" is not in the sample from which quotations '
        "are shown; choose another."
    )


def in_csv(made, data):
    """Codings in a large CSV file of some bytes."""
    (made.folder / "many.csv").write_bytes(data)
    made.refer("codings", format="csv", path="many.csv")


UNOPENED = {
    "no file": (
        lambda made: made.refer("codings", format="parquet", path="codes/*.parquet"),
        '"codes/*.parquet" is no file, seen from the folder of the study',
    ),
    "no Parquet file": (
        lambda made: (made.folder / "codings.parquet").write_text("excerpt,code\n"),
        '"codings.parquet": no readable Parquet file: it is another kind of file, or cut short',
    ),
    "a file that is cut short": (
        lambda made: os.truncate(made.folder / "codings.parquet", 1000),
        '"codings.parquet": no readable Parquet file: it is another kind of file, or cut short',
    ),
    "an empty file": (
        lambda made: (made.folder / "codings.parquet").write_bytes(b""),
        '"codings.parquet": no readable Parquet file: it is another kind of file, or cut short',
    ),
    "an empty CSV file": (
        lambda made: in_csv(made, b""),
        '"many.csv": it is empty; expected a line with the names of columns',
    ),
    "a CSV file in another encoding": (
        lambda made: in_csv(made, "caf\u00e9,code\n".encode("latin-1")),
        '"many.csv": its head cannot be read as CSV in UTF-8',
    ),
    "a CSV file with a column twice": (
        lambda made: in_csv(made, b"code,Code\n"),
        '"many.csv": the column "code" is there 2 times',
    ),
    "a CSV file with a column that has no name": (
        lambda made: in_csv(made, b"excerpt,code,\n"),
        '"many.csv": column 3 has no name',
    ),
    "no format": (
        lambda made: made.refer("codings", path="codings.parquet"),
        '"" is no format of a table elsewhere; expected one of parquet, csv, duckdb, spark',
    ),
    "several paths": (
        lambda made: made.refer("codings", format="parquet", path=["codings.parquet"]),
        'its path is no text; expected one, as "codings/*.parquet" for several files',
    ),
    "a path that is none": (
        lambda made: made.refer("codings", format="parquet", path="a**b/*.parquet"),
        '"a**b/*.parquet" is no file, seen from the folder of the study',
    ),
    "the folder of the study": (
        lambda made: made.refer("codings", format="parquet", path="."),
        '"." is no file, seen from the folder of the study',
    ),
    "a home of nobody": (
        lambda made: made.refer("codings", format="parquet", path="~nobody-at-all/*.parquet"),
        '"~nobody-at-all/*.parquet" is no file, seen from the folder of the study',
    ),
    "a folder with a column in its name": (
        lambda made: [
            (made.folder / "ward=A").mkdir(),
            (made.folder / "codings.parquet").rename(made.folder / "ward=A" / "1.parquet"),
            made.refer("codings", format="parquet", path="*/*.parquet"),
        ],
        'the name of the folder "ward=A" has a column that its files lack; write it into them',
    ),
    "a format without its path": (
        lambda made: made.refer("codings", format="parquet"),
        'a table of the format "parquet" needs its path, as a text',
    ),
    "a table of a cluster without one": (
        lambda made: made.refer("codings", format="spark", table="survey.codings"),
        "a table of a cluster needs its address; expected study.cluster in datapackage.json",
    ),
    "no DuckDB file": (
        lambda made: made.refer("codings", format="duckdb", path="codings.parquet", table="codings"),
        '"codings.parquet": no DuckDB file',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNOPENED)
def test_what_cannot_be_opened_is_said_in_one_sentence(made, case):
    change, sentence = UNOPENED[case]
    change(made.written())
    assert made.said() == [f"datapackage.json, resources, codings: {sentence}."]


def test_a_format_that_is_misspelt_is_said_with_the_one_that_is_meant(made):
    made.written().refer("codings", format="parquett", path="codings.parquet")
    (said,) = made.said()
    assert said.endswith('expected one of parquet, csv, duckdb, spark. Did you mean "parquet"?')


def test_files_of_one_table_that_disagree_are_named(made):
    made.written()
    (made.folder / "parts").mkdir()
    made.tables.sql(f"COPY (FROM codings) TO '{made.folder}/parts/1.parquet'")
    made.tables.sql("ALTER TABLE codings DROP COLUMN coder")
    made.tables.sql(f"COPY codings TO '{made.folder}/parts/2.parquet'")
    made.refer("codings", format="parquet", path="parts/*.parquet")
    assert made.said() == [
        (
            'datapackage.json, resources, codings: the files disagree in the column "coder": '
            '"1.parquet" has VARCHAR, '
            '"2.parquet" has no such column.'
        )
    ]


def test_a_table_that_a_duckdb_file_lacks_is_said_with_those_it_has(made):
    made.written()
    with duckdb.connect(made.folder / "study.duckdb") as file:
        file.sql("CREATE TABLE coding (excerpt VARCHAR)")
    made.refer("codings", format="duckdb", path="study.duckdb", table="codings")
    assert made.said() == [
        'datapackage.json, resources, codings: "codings" is no table of it; it has coding.'
    ]


def test_a_duckdb_file_that_another_program_writes_is_said_to_be_open_there(made):
    made.written()
    place = made.folder / "study.duckdb"
    holds = f"import duckdb; one = duckdb.connect({str(place)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"open\n"
        made.refer("codings", format="duckdb", path="study.duckdb", table="codings")
        said = made.said()
        other.stdin.close()
    assert said == [
        (
            'datapackage.json, resources, codings: "study.duckdb": '
            "another program has the file open; close it there."
        )
    ]


def test_a_table_is_either_a_file_or_elsewhere(made):
    made.written()
    (made.folder / "codings.csv").write_text("excerpt,code\n")
    (said,) = made.said()
    assert said == (
        "datapackage.json, resources, codings: the table lies in codings.parquet, "
        "and codings.csv is there too; remove one of the two."
    )


def test_a_table_that_is_small_has_to_be_a_file(made):
    made.written().refer("codebook", format="parquet", path="codebook.parquet")
    assert any('"codebook" cannot lie elsewhere than in codebook.csv' in one for one in made.said())


@pytest.mark.parametrize(
    ("package", "extra", "cluster"), [("duckdb", "large", ""), ("pyspark", "cluster", "local[1]")]
)
def test_an_engine_that_is_not_installed_is_said_with_what_installs_it(
    made, monkeypatch, package, extra, cluster
):
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == package else object())
    monkeypatch.setenv("ANALYSIS_CLUSTER", cluster)
    with pytest.raises(UnusableError) as error:
        made.written().load()
    assert str(error.value).endswith(f'without {package}, which is not installed: pip install ".[{extra}]"')


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_a_cluster_that_nobody_keeps_is_said_at_once(made, monkeypatch, scheme):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr(engines, "find_spec", lambda _: object())
    monkeypatch.setenv("JAVA_HOME", "somewhere")
    made.written().choose(cluster=f"{scheme}://127.0.0.1:{port}")
    with pytest.raises(UnusableError, match=rf'the cluster "{scheme}://127.0.0.1:{port}" cannot be reached'):
        made.load()


def test_an_address_of_no_cluster_is_said_with_an_example(made, monkeypatch):
    monkeypatch.setattr(engines, "find_spec", lambda _: object())
    monkeypatch.setenv("JAVA_HOME", "somewhere")
    monkeypatch.setenv("ANALYSIS_CLUSTER", "http://localhost")
    with pytest.raises(
        UnusableError, match='"http://localhost" is no address of a cluster; expected one as spark'
    ):
        made.written().load()


def test_what_was_found_sound_is_not_checked_again_until_it_changes(made, monkeypatch):
    before = made.written().load()
    asked = Counter()
    checked = queries.broken
    monkeypatch.setattr(queries, "broken", lambda one: asked.update(["checked"]) or checked(one))
    again = made.load()
    assert not asked
    for table in study.CONTRACT:
        pd.testing.assert_frame_equal(getattr(before, table), getattr(again, table))
    assert again.counted == before.counted
    assert frames.collected(again.whole.excerpts).equals(frames.collected(before.whole.excerpts))
    made.load(anew=True)
    assert asked["checked"] == 1
    made.tables.sql("UPDATE codings SET code = 'nothing' WHERE IT".replace("WHERE IT", ONE))
    made.written()
    assert len(made.said()) == 1
    assert asked["checked"] == 2


def test_what_is_remembered_is_for_its_owner_and_what_cannot_be_read_is_not_there(made):
    made.written().load()
    folder = remembered.PLACE / NAME
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / remembered.FILE).write_text('{"known": ')
    assert made.load().counted["codings"]["rows"] == 1661


def test_check_says_how_many_rows_there_are_and_what_is_a_sample(made, monkeypatch, capsys):
    monkeypatch.setattr(sampling, "SIZE", 40)
    monkeypatch.setattr(study.record, "RAW", made.raw)
    made.written("excerpts", "codings")
    assert main(["check", NAME]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  codings: 1,661 rows" in lines
    assert "  roster.csv: 88 rows" in lines
    assert lines[-1].startswith(
        "Notebooks that read excerpts one by one have a sample: 40 of the 338 excerpts"
    )


def test_the_record_names_what_lies_outside_of_the_study(made, tmp_path):
    code = tmp_path / "code"
    made.written()
    (made.folder / "codings.parquet").rename(tmp_path / "codings.parquet")
    made.refer("codings", format="parquet", path=str(tmp_path / "codings.parquet"))
    made.refer("excerpts", format="spark", table="survey.excerpts")
    folder = code / "data" / "raw" / NAME
    shutil.copytree(made.folder, folder)
    shutil.copy(ROOT / "requirements.lock", code)
    found = record.material(NAME, code)
    assert f"data/raw/{NAME}/roster.parquet" in found["inputs"]
    file = tmp_path / "codings.parquet"
    assert found["elsewhere"] == {
        str(file): f"{record.sha256(file)}, {file.stat().st_size} bytes",
        "table survey.excerpts": record.NOT_HASHED,
    }


def test_the_record_of_a_study_of_files_says_nothing_of_elsewhere():
    assert "elsewhere" not in record.material(SIMULATED, ROOT)


LIMITED = """
import sys
from pathlib import Path
from analysis.study import engines, record, remembered
from analysis.__main__ import main
record.RAW = Path(sys.argv[1])
engines.SPILL, remembered.PLACE = Path(sys.argv[2]), Path(sys.argv[3])
sys.exit(main(["check", "wide"]))
"""
"""The command with places of its own."""


def wide(raw, codings):
    """A study of which more has to be remembered at a time than a small memory holds."""
    folder = raw / "wide"
    folder.mkdir(parents=True)
    rows = {
        "roster": "SELECT 'P' || i AS participant, 'A' AS ward FROM range(10) t(i)",
        "excerpts": "SELECT 'the excerpt number ' || i AS excerpt FROM range(MANY) t(i)",
        "codings": "SELECT 'the excerpt number ' || i AS excerpt, 'work' AS code FROM range(MANY) t(i)",
    }
    for table, query in rows.items():
        duckdb.sql(f"COPY ({query.replace('MANY', str(codings))}) TO '{folder / table}.parquet'")
    resources = [{"name": name, "format": "parquet", "path": f"{name}.parquet"} for name in rows]
    package = {"resources": resources, "study": {"groupings": ["ward"]}}
    (folder / "datapackage.json").write_text(json.dumps(package))
    (folder / "codebook.csv").write_text("code,name\nwork,Work\n")
    return raw


def checked(raw, spill, kept, memory):
    """What the command says of it, in a process with so much memory."""
    words = [sys.executable, "-c", LIMITED, str(raw), str(spill), str(kept)]
    env = os.environ | {"ANALYSIS_MEMORY": memory, "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, env=env, capture_output=True, text=True, check=False)


@pytest.mark.faults
def test_what_memory_does_not_hold_is_spilled_and_nothing_of_it_stays(tmp_path):
    raw = wide(tmp_path / "raw", 2_000_000)
    done = checked(raw, tmp_path / "spill", tmp_path / "kept", "100MB")
    assert done.stdout.splitlines()[0] == "wide: no errors", done.stderr
    assert done.stdout.splitlines()[-1].startswith("Notebooks that read excerpts one by one have a sample")
    assert [*(tmp_path / "spill").iterdir()] == []


@pytest.mark.faults
def test_a_full_disk_is_said_in_one_sentence_and_nothing_is_half_written(tmp_path, disk):
    raw = wide(tmp_path / "raw", 2_000_000)
    done = checked(raw, disk / "spill", tmp_path / "kept", "100MB")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "failed: the disk is full on which the engine puts what memory does not hold"
    )
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "kept").exists()


def test_memory_that_is_no_amount_is_said(tmp_path):
    done = checked(wide(tmp_path / "raw", 10), tmp_path / "spill", tmp_path / "kept", "much")
    assert done.returncode == 2
    assert done.stderr == 'ANALYSIS_MEMORY: "much" is no amount of memory; expected one as 4GB\n'


def test_the_page_says_how_large_a_sample_and_a_roster_are():
    page = (ROOT / "data/raw/README.md").read_text(encoding="utf-8")
    assert f"a simple random sample of {sampling.SIZE:,}, drawn" in page
    assert f"more than {sampling.GROUPS:,} groups" in page
    assert f"takes {engines.MEMORY.replace('GB', ' GB')} of memory" in page
