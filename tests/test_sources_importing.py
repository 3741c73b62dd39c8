"""An import is the same at every time, says what it was, and never comes in the way of another study."""

import hashlib
import io
import json
import tomllib

import pandas as pd
import pytest
import qdpx
import sheets
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.__main__ import main
from analysis.sources import importing, places, writing
from analysis.sources.importing import Choices
from analysis.sources.mapping import POSITIONS, ROLES, Mapping
from analysis.sources.project import SourceError

NAME = "mine"


@pytest.fixture
def source(tmp_path):
    return qdpx.write(tmp_path / "ward.qdpx", qdpx.sample(), "standard")


def run(source, *options, name=NAME):
    return main(["import", str(source), name, *map(str, options)])


def folder(own, name=NAME):
    """Every file of a study's folder."""
    return {
        path.relative_to(own / name).as_posix(): path.read_bytes()
        for path in (own / name).rglob("*")
        if path.is_file()
    }


# ---- the choices


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.lists(TEXTS.filter(bool), max_size=3, unique=True).map(tuple)
CODED = st.dictionaries(TEXTS, TEXTS, max_size=3)
MAPPINGS = st.builds(
    Mapping,
    tool=TEXTS,
    form=TEXTS,
    sheet=TEXTS,
    header_row=st.integers(1, 99),
    codes=NAMES,
    separator=TEXTS,
    path=TEXTS,
    positions=st.sampled_from(POSITIONS),
    unused=NAMES,
    columns=st.dictionaries(st.sampled_from([*ROLES]), TEXTS.filter(bool), max_size=4),
    wide=CODED,
    weights=CODED,
    attributes=st.dictionaries(st.sampled_from(["document", "participant"]), NAMES.filter(bool), max_size=2),
)
CHOICES = st.builds(
    Choices,
    people=st.sampled_from(["", "cases", "sources"]),
    unit=st.sampled_from(["", *places.NAMES]),
    project=TEXTS,
    attributes=TEXTS,
    skip_broken=st.booleans(),
    pseudonyms=st.booleans(),
    mapping=st.none() | MAPPINGS,
)


@given(choices=CHOICES)
@small.properties
def test_choices_come_back_from_their_file(tmp_path_factory, choices):
    path = tmp_path_factory.mktemp("choices") / "import.toml"
    path.write_text(importing.to_toml(choices), encoding="utf-8")
    assert importing.from_toml(path) == choices


def test_every_choice_stands_in_its_file_with_what_it_means():
    text = importing.to_toml(Choices())
    found = tomllib.loads(text)["import"]
    assert found.keys() == importing.SAID.keys()
    for name, says in importing.SAID.items():
        assert f"# {says}\n{name} = " in text


WRONG = {
    "[import]\npeople = 3\n": "import.toml, import.people: 3 is not a text in quotation marks.",
    "[import]\npeople = 'persons'\n": 'import.people: "persons" is not one of cases, sources. Did you mean "',
    "[import]\nunit = 'utf-8'\n": 'import.unit: "utf-8" is not one of code-points-crlf-1, code-points-',
    "[import]\nskip_broken = 'yes'\n": 'import.skip_broken: "yes" is not true or false.',
    "[import]\npeopel = 'cases'\n": 'import.peopel: there is no such choice. Did you mean "people"?',
    "[import]\npeople = 1\nunit = 2\n": "import.unit: 2 is not a text in quotation marks.",
    "import = 1\n": "import.toml: [import] is no table",
    "[import\n": "import.toml: it is not readable as TOML",
    "[import]\nproject = 'caf\udce9'\n": "import.toml: it is not readable as TOML",
    "[columns]\ntext = 1\n": 'import.toml, columns: {"text": 1} is not a table of names in quotation marks.',
    "[colums]\n": 'import.toml, colums: there is no such key. Did you mean "columns"?',
}


@pytest.mark.parametrize("content", WRONG)
def test_a_file_of_choices_that_cannot_be_used_is_a_sentence(source, own, tmp_path, capsys, content):
    path = tmp_path / "import.toml"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert run(source, "--with", path) == 2
    said = capsys.readouterr().err
    assert WRONG[content] in said
    assert said.split("\n")[-2].count("import.toml") == 1
    assert not own.exists()


def test_a_file_of_choices_that_is_not_there_is_a_sentence(source, own, tmp_path, capsys):
    assert run(source, "--with", tmp_path / "none.toml") == 2
    assert "none.toml: there is no such file" in capsys.readouterr().err
    assert not own.exists()


# ---- the same at every time


def test_an_import_is_byte_for_byte_the_same_at_every_time(source):
    first, second = (importing.study(source, Choices()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("kind", ["project", "sheet", "wide"])
def test_an_import_by_the_choices_of_an_earlier_one_is_the_same(source, own, tmp_path, kind):
    if kind != "project":
        rows = {"sheet": sheets.SEGMENTS, "wide": sheets.DEDOOSE[1:]}[kind]
        head = {"sheet": sheets.MAXQDA["German"].split(","), "wide": sheets.DEDOOSE[0]}[kind]
        source = sheets.plain(tmp_path / "a.csv", [head, *rows])
    assert run(source, "--people", "sources") == 0
    assert run(source, "--with", own / NAME / importing.CHOICES, name="again") == 0
    assert folder(own, "again") == folder(own)


def test_options_beside_a_file_of_choices_count_more(source, own, tmp_path):
    path = tmp_path / "import.toml"
    path.write_text(importing.to_toml(Choices(people="sources")), encoding="utf-8")
    assert run(source, "--with", path, "--people", "cases") == 0
    assert importing.from_toml(own / NAME / importing.CHOICES).people == "cases"
    assert study.load(NAME, own).roster["participant"].tolist() == ["P1", "P2", "P3", "P4"]


# ---- what is written


def test_the_study_that_is_written_loads_and_says_what_it_is(source, own, capsys):
    assert run(source) == 0
    said = capsys.readouterr().out
    loaded = study.load(NAME, own)
    assert loaded.policy == "restricted"
    assert loaded.title == "Ward study"
    assert len(loaded.excerpts) == 34
    assert f"Read {own / NAME / importing.PAGE}" in said
    assert f"make reproduce STUDY={NAME}" in said
    assert "Excerpts with nobody who speaks: 6 of 34." in said
    assert main(["check", NAME]) == 0


def test_the_report_has_the_hash_of_the_file_and_of_what_was_made_of_it(source, own):
    assert run(source) == 0
    files = folder(own)
    told = json.loads(files[importing.REPORT])
    assert told["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    about = {importing.REPORT, importing.PAGE, importing.ROWS, importing.CHOICES}
    assert told["files"].keys() == files.keys() - about
    assert all(hashlib.sha256(files[name]).hexdigest() == one for name, one in told["files"].items())
    rows = pd.read_csv(io.BytesIO(files[importing.ROWS]))
    assert len(rows) == sum(row["found"] for row in told["reconciliation"])
    assert rows["outcome"].value_counts().to_dict() == {
        outcome: sum(row[outcome] for row in told["reconciliation"]) for outcome in ("imported", "discarded")
    }
    assert rows.loc[rows["outcome"] == "discarded", "why"].notna().all()


def test_the_text_of_every_excerpt_stands_where_it_says(source, own):
    assert run(source) == 0
    loaded = study.load(NAME, own)
    texts = study.texts(loaded, own)
    for row in loaded.excerpts.dropna(subset="start").itertuples():
        assert texts[row.document][row.start : row.end] == row.text


def test_a_participant_with_a_semicolon_is_found_in_the_roster(tmp_path, own):
    project = qdpx.Project(
        "Pairs",
        ("K",),
        (qdpx.Code("Talk"),),
        (qdpx.Case("Wem; Zimma", {}, ("I1",)), qdpx.Case("Wem, Zimma", {}, ("I1",))),
        (
            qdpx.Source(
                "I1", "They talk.", passages=(qdpx.Passage(0, 4, codings=(qdpx.Coding("Talk", "K"),)),)
            ),
        ),
    )
    assert run(qdpx.write(tmp_path / "a.qdpx", project, "standard")) == 0
    loaded = study.load(NAME, own)
    assert loaded.roster["participant"].tolist() == ["Wem, Zimma", "Wem, Zimma (2)"]
    assert loaded.documents["participants"].tolist() == ["Wem, Zimma;Wem, Zimma (2)"]


# ---- attributes beside the file


ABOUT = [["Document", "Shift", "Beds"], ["p1", "night", "12"], ["P2.txt", "day", ""], ["P9.txt", "day", "3"]]


def test_attributes_are_joined_by_name_and_what_fits_nobody_is_listed(source, own, tmp_path):
    sheets.plain(tmp_path / "about.csv", ABOUT)
    with pytest.raises(SourceError, match="are one name, case and endings aside"):
        importing.study(source, Choices(attributes="about.csv"))
    project = qdpx.sample()
    kept = tuple(one for one in project.sources if one.name in ("P1.txt", "P2.txt", "Group.txt"))
    cases = (
        qdpx.Case("P1", {"gender": "female"}, ("P1.txt",)),
        qdpx.Case("P2", {"gender": "male"}, ("P2.txt",)),
    )
    small_one = qdpx.Project(project.name, project.users, project.codes, cases, kept)
    path = qdpx.write(tmp_path / "few.qdpx", small_one, "standard")
    assert run(path, "--attributes", "about.csv") == 0
    told = json.loads(folder(own)[importing.REPORT])
    assert told["attributes"] == {"only in the sheet": ["P9.txt"], "only in the project": ["Group.txt"]}
    loaded = study.load(NAME, own)
    shifts = loaded.documents.set_index("document")["shift"]
    assert shifts[["P1.txt", "P2.txt"]].tolist() == ["night", "day"]
    assert shifts.isna()["Group.txt"]
    assert loaded.roster["shift"].tolist() == ["night", "day"]
    rows = pd.read_csv(io.BytesIO(folder(own)[importing.ROWS]))
    lost = rows[(rows["what"] == "attribute") & (rows["outcome"] == "discarded")]
    assert lost["why"].tolist() == ['nothing is called "P9.txt"'] * 2
    assert run(path, "--with", own / NAME / importing.CHOICES, name="again") == 0
    assert folder(own, "again") == folder(own)


def test_a_sheet_of_attributes_that_is_not_there_is_a_sentence(source, own, capsys):
    assert run(source, "--attributes", "none.csv") == 2
    assert "none.csv: there is no such file" in capsys.readouterr().err
    assert not own.exists()


# ---- beside other studies


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bussu-marshall-2020", '"bussu-marshall-2020" comes with the suite; name a study of your own'),
        ("simulated-east-london", "comes with the suite"),
        ("simulated-mine", "comes with the suite"),
        ("my study", '"my study" cannot be the name of a study; expected letters, digits, dots, - and _'),
        ("../mine", "cannot be the name of a study"),
        ("mine/", "cannot be the name of a study"),
        (".mine", "cannot be the name of a study"),
    ],
)
def test_a_name_that_cannot_be_is_refused_before_anything_is_read(own, capsys, name, says):
    assert run("no-such-file.qdpx", name=name) == 2
    assert says in capsys.readouterr().err
    assert not own.exists()


def test_a_file_that_is_not_there_is_a_sentence(own, tmp_path, capsys):
    assert run(tmp_path / "none.qdpx") == 2
    assert "none.qdpx: there is no such file" in capsys.readouterr().err
    assert not own.exists()


def test_a_study_that_is_there_already_is_refused_and_stays(source, own, capsys):
    assert run(source) == 0
    before = folder(own)
    assert run(source) == 2
    said = capsys.readouterr().err
    assert (
        'there is a study "mine" already; name another, or import with --replace, which puts it aside' in said
    )
    assert folder(own) == before


def test_a_study_that_is_replaced_is_put_aside_and_it_is_said_where(source, own, capsys):
    assert run(source) == 0
    (own / NAME / "my-notes.txt").write_text("Do not lose this.")
    before = folder(own)
    for number in (1, 2):
        assert run(source, "--replace", "--people", "sources") == 0
        aside = own.parent.parent / writing.REPLACED / f"mine-{number}"
        assert f"The earlier study is in {aside}/" in capsys.readouterr().out
        assert aside.is_dir()
    kept = own.parent.parent / writing.REPLACED
    assert folder(kept, "mine-1") == before
    assert "my-notes.txt" not in folder(own)
    assert [path.name for path in own.iterdir()] == [NAME]


def test_an_import_that_fails_leaves_the_study_that_was_there(source, own, tmp_path):
    assert run(source) == 0
    before = folder(own)
    broken = tmp_path / "broken.qdpx"
    broken.write_bytes(b"PK" + b"nothing of that kind")
    assert run(broken, "--replace") == 2
    assert folder(own) == before
    assert [path.name for path in own.iterdir()] == [NAME]
    assert not (own.parent.parent / writing.REPLACED).exists()


def test_a_study_that_could_not_be_read_is_not_put_in_the_place_of_another(source, own):
    made = importing.study(source, Choices())
    writing.write(made.files, NAME, own)
    codings = made.files["codings.csv"].replace(b"waiting", b"wating", 1)
    with pytest.raises(
        study.StudyError, match=r'the study mine: 1 error\ncodings.csv, line 4, column "code": '
    ):
        writing.write(made.files | {"codings.csv": codings}, NAME, own)
    assert folder(own) == made.files
