"""A study to begin with runs as it is, explains itself, and never comes in the way of another."""

import json
import re
import subprocess

import checkout
import frictionless
import pytest

from analysis import ROOT, study
from analysis.__main__ import main
from analysis.sources import importing, starter, writing
from analysis.study import record

NAME = "my-study"


def begin(name=NAME):
    return main(["study", name])


def page(own):
    return (own / NAME / starter.PAGE).read_text(encoding="utf-8")


def test_what_is_written_loads_without_a_problem(own, capsys):
    assert begin() == 0
    said = capsys.readouterr().out
    assert f"make check STUDY={NAME}\n  make reproduce STUDY={NAME}\n" in said
    loaded = study.load(NAME, own)
    assert loaded.policy == "restricted"
    assert loaded.groupings == ("place", "role")
    assert loaded.roster["participant"].tolist() == ["P1", "P2", "P3"]
    assert set(loaded.roster["place"]) == {"North", "South"}
    assert {*loaded.missing} == {*study.CONTRACT} - {*starter.EXAMPLES}
    assert main(["check", NAME]) == 0


def test_every_table_has_two_or_three_rows_that_are_invented():
    for table, frame in starter.examples().items():
        assert 2 <= len(frame) <= 4, table
    assert all("nvented" in text for text in starter.EXAMPLES["excerpts"]["text"])


def test_every_needed_table_has_an_example_of_every_needed_column():
    for table, schema in study.CONTRACT.items():
        if schema.get("required"):
            needed = {one["name"] for one in schema["fields"] if one.get("constraints", {}).get("required")}
            assert needed <= starter.EXAMPLES[table].keys(), table


def test_the_page_names_every_table_and_column_of_the_contract(own):
    begin()
    parts = re.split(r"^### ", page(own), flags=re.MULTILINE)[1:]
    found = {part.split(".csv")[0]: re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) for part in parts}
    assert found == {
        table: [field["name"] for field in schema["fields"]] for table, schema in study.CONTRACT.items()
    }
    for part, schema in zip(parts, study.CONTRACT.values(), strict=True):
        assert schema["about"] in part
        assert part.split("\n")[2].startswith("Needed." if schema.get("required") else "May be left out.")
        for field in schema["fields"]:
            line = next(one for one in part.split("\n") if one.startswith(f"| `{field['name']}` |"))
            assert line.endswith(f"| {field['description']} |")
            assert ("**needed**" in line) == field.get("constraints", {}).get("required", False)
            assert all(f"`{value}`" in line for value in field.get("constraints", {}).get("enum", []))


def test_the_page_says_how_ids_join(own):
    begin()
    links = [
        (link["field"], table, link["table"])
        for table, schema in study.CONTRACT.items()
        for link in schema.get("foreignKeys", [])
    ]
    assert len(links) == 9
    for field, table, other in links:
        assert f"- `{field}` in `{table}.csv` names a row of `{other}.csv` by its" in page(own)


def test_the_page_explains_every_choice_and_no_other(own):
    begin()
    chosen = json.loads((own / NAME / "datapackage.json").read_text())["study"]
    part = page(own).split("## The choices")[1].split("## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| `(.*?)` \| (.+) \|$", part, re.MULTILINE)
    assert {name: json.loads(value) for name, value, _ in rows} == chosen
    assert chosen.keys() <= record.CHOICES.keys()


def test_the_page_says_what_to_do_and_how_to_save(own):
    begin()
    said = page(own)
    for words in ("CSV UTF-8", "semicolons", "LibreOffice", f"make check STUDY={NAME}"):
        assert words in said
    assert f"make reproduce STUDY={NAME}" in said
    assert "{" not in said.replace("{study}", "")


def test_frictionless_accepts_the_package(own):
    begin()
    report = frictionless.validate(own / NAME / "datapackage.json")
    assert report.valid, report.flatten(["type", "note"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bussu-marshall-2020", "comes with the suite; name a study of your own: STUDY=my-study"),
        ("simulated-east-london", "comes with the suite"),
        ("simulated-mine", "comes with the suite"),
        ("my study", "cannot be the name of a study; expected letters, digits, dots, - and _"),
        ("../elsewhere", "cannot be the name of a study"),
        (".hidden", "cannot be the name of a study"),
        ("", "cannot be the name of a study"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_a_sentence(own, capsys, name, says):
    assert begin(name) == 2
    assert says in capsys.readouterr().err
    assert not own.exists()


def test_a_study_that_is_there_already_stays_as_it_is(own, capsys):
    begin()
    (own / NAME / "roster.csv").write_text("participant,place\nQ1,East\n")
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    assert begin() == 2
    assert f'there is a study "{NAME}" already' in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}


def test_a_study_that_cannot_be_read_is_not_written(own):
    made = starter.files(NAME) | {"codings.csv": b"excerpt,code\nX1,nothing\n"}
    with pytest.raises(
        study.StudyError, match=r"^the study my-study: 1 error\ncodings.csv, line 2"
    ) as caught:
        writing.write(made, NAME, own)
    assert len(caught.value.problems) == 1
    assert [*own.iterdir()] == []


def test_the_folder_is_ignored_by_git():
    for name in starter.files(NAME):
        path = f"data/raw/{NAME}/{name}"
        done = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
        assert done.returncode in (0, 128), path  # 128: the tests run outside a git checkout


def test_the_page_is_not_mistaken_for_one_of_an_import():
    assert not starter.files(NAME).keys() & {importing.REPORT, importing.PAGE, importing.CHOICES}


@pytest.mark.slow
def test_it_runs_as_it_is(tmp_path):
    folder = checkout.copy(tmp_path)
    target = folder / "data" / "raw" / NAME
    target.mkdir()
    for name, data in starter.files(NAME).items():
        (target / name).write_bytes(data)
    done = checkout.reproduce(folder, NAME)
    assert done.returncode == 0, done.stderr
    assert (folder / "data" / "derived" / NAME / "themes_by_place.csv").exists()
