"""What NVivo exports besides projects: counts are taken one by one, references with their words."""

import docx
import pytest
import sheets
from test_sources_columns import balanced

from analysis.sources import grid, nvivo
from analysis.sources.project import SourceError

REFERENCES = r"""Name: Nodes\\Time\\Waiting

<Files\\Wave 1\\P1> - § 2 references coded  [12.34% Coverage]

Reference 1 - 5.67% Coverage

We wait.

Reference 2 - 6.67% Coverage

Nobody came.
Question 3 - 50% agree

<Internals\\P2> - § 3 references coded [ 1.00% Coverage]

References 1-2 - 0.50% Coverage

We wait.

Reference 3 - 0.50% Coverage

We wait.
"""


@pytest.mark.parametrize("ending", ["xlsx", "csv", "ods", "xls"])
def test_each_count_of_a_matrix_is_so_many_references(tmp_path, ending):
    path = tmp_path / f"generated.{ending}"
    (sheets.plain if ending == "csv" else getattr(sheets, ending))(path, sheets.MATRIX)
    assert any(map(nvivo.is_mine, grid.read(path)))
    project = balanced(nvivo.read(path))
    assert project.totals["reference"] == 6
    assert project["codes"]["name"].tolist() == ["Time", "Trust"]
    assert project["cases"]["name"].tolist() == ["P1", "P2"]
    found = project["codings"].merge(project["passages"], left_on="passage", right_on="id")
    assert found.groupby(["code", "case"]).size().to_dict() == {
        ("1 : Time", "A : P1"): 2,
        ("2 : Trust", "A : P1"): 1,
        ("2 : Trust", "B : P2"): 3,
    }
    assert project["passages"]["text"].isna().all()
    assert not project["passages"].duplicated(["source", "start", "end", "region", "text"]).any()
    assert "one with two codes is counted as two" in project.findings[0]


def test_sums_of_a_matrix_are_listed_and_not_counted(tmp_path):
    table = [[*sheets.MATRIX[0], "Total"], *[[*row, 9] for row in sheets.MATRIX[1:]], ["Total", 3, 3, 18]]
    project = balanced(nvivo.read(sheets.xlsx(tmp_path / "generated.xlsx", table)))
    assert project.totals == {"reference": 6, "row": 1, "column": 1, "sheet": 0}


def test_a_matrix_of_something_else_than_counts_is_refused_cell_by_cell(tmp_path):
    table = [sheets.MATRIX[0], ["1 : Time", "12.5%", 1], ["2 : Trust", -1, 0.25], ["2 : Trust", "", 1]]
    with pytest.raises(SourceError) as error:
        nvivo.read(sheets.xlsx(tmp_path / "generated.xlsx", table))
    says = 'is not a number of references; export the matrix with "coding references" shown'
    assert error.value.problems == [
        f'sheet "Sheet1", row 2, column "A : P1": "12.5%" {says}',
        f'sheet "Sheet1", row 3, column "A : P1": "-1" {says}',
        f'sheet "Sheet1", row 3, column "B : P2": "0.25" {says}',
        f'sheet "Sheet1", row 4, column "A : P1": "" {says}',
        '"2 : Trust" stands there more than once',
    ]


def test_a_matrix_that_counts_more_than_anybody_has_coded_is_refused(tmp_path):
    table = [sheets.MATRIX[0], ["1 : Time", 9_999_999, 0]]
    with pytest.raises(SourceError, match="counts 9,999,999 references"):
        nvivo.read(sheets.xlsx(tmp_path / "generated.xlsx", table))


def test_another_table_is_no_matrix(tmp_path):
    path = sheets.plain(tmp_path / "a.csv", sheets.PLAIN)
    assert not nvivo.is_mine(grid.read(path)[0])
    with pytest.raises(SourceError, match='no table has rows called "1 : code"'):
        nvivo.read(path)


def written(path, text):
    if path.suffix == ".docx":
        document = docx.Document()
        for line in text.split("\n"):
            document.add_paragraph(line)
        document.save(path)
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["txt", "docx"])
@pytest.mark.parametrize("doubled", [True, False])
def test_references_of_a_code_are_read_with_their_words(tmp_path, ending, doubled):
    text = REFERENCES if doubled else REFERENCES.replace("\\\\", "\\")
    assert nvivo.is_mine(text)
    project = balanced(nvivo.read(written(tmp_path / f"generated.{ending}", text)))
    assert project.totals == {"reference": 5, "file": 0}
    assert project["codes"]["id"].tolist() == ["Time", "Time > Waiting"]
    assert project["sources"]["name"].tolist() == ["P1", "P2"]
    assert project["sources"]["id"].tolist() == ["Files\\Wave 1\\P1", "Internals\\P2"]
    assert project["values"][["owner", "value"]].to_numpy().tolist() == [["Files\\Wave 1\\P1", "Wave 1"]]
    passages = project["passages"]
    assert passages["text"].tolist() == [
        "We wait.",
        "Nobody came.\nQuestion 3 - 50% agree",
        "We wait.",
        "We wait.",
    ]
    assert not passages.duplicated(["source", "region", "text"]).any()
    assert project["codings"]["why"].notna().tolist() == [False, False, False, True, False]


def test_references_in_another_language_are_read(tmp_path):
    head = "<Dateien\\\\P1> - § 1 Referenz kodiert  [1,66% Abdeckung]"
    text = head + "\nReferenz 1 - 1,66% Abdeckung\nWir warten.\n"
    project = balanced(nvivo.read(written(tmp_path / "Zeit.txt", text)))
    assert project["codes"]["name"].tolist() == ["Zeit"]
    assert project["passages"]["text"].tolist() == ["Wir warten."]


def test_older_heads_without_brackets_are_read(tmp_path):
    text = (
        "Files\\\\R1\\\\P1 - § 1 reference coded [ 4.20% Coverage]\nReference 1 - 4.20% Coverage\nWe wait.\n"
    )
    assert nvivo.read(written(tmp_path / "Time.txt", text)).totals["reference"] == 1


def test_a_reference_that_a_head_announces_and_nobody_finds_shows(tmp_path):
    text = REFERENCES.replace("Reference 3 - 0.50% Coverage", "")
    project = nvivo.read(written(tmp_path / "generated.txt", text))
    assert project.totals["reference"] == 5
    assert len(project["codings"]) == 4


def test_a_folder_is_a_code_for_each_file(tmp_path):
    folder = tmp_path / "codes"
    folder.mkdir()
    written(folder / "a.txt", REFERENCES)
    written(folder / "Trust.docx", REFERENCES.split("\n", 2)[2].replace("Wave 1", "Wave 2"))
    (folder / "a.png").write_bytes(b"x")
    project = balanced(nvivo.read(folder))
    assert project.totals == {"reference": 10, "file": 1}
    assert project["codes"]["id"].tolist() == ["Trust", "Time", "Time > Waiting"]
    (folder / "b.txt").write_text("nothing", encoding="utf-8")
    (folder / "c.docx").write_bytes(b"nothing")
    with pytest.raises(SourceError) as error:
        nvivo.read(folder)
    assert [problem.split(":")[0] for problem in error.value.problems] == ["b.txt", "c.docx"]


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(SourceError, match="it holds no references"):
        nvivo.read(tmp_path)


def problems(path):
    try:
        balanced_or_short(nvivo.read(path))
    except SourceError as error:
        return error.problems
    return []


def balanced_or_short(project):
    assert project["codings"]["passage"].isin(project["passages"]["id"]).all()
    assert project["passages"]["id"].is_unique


@pytest.mark.parametrize("ending", ["txt", "docx"])
def test_bytes_changed_anywhere_bring_a_project_or_a_sentence(tmp_path, ending):
    path = written(tmp_path / f"generated.{ending}", REFERENCES)
    whole = path.read_bytes()
    for seed in range(100):
        path.write_bytes(sheets.changed(whole, seed))
        assert len(problems(path)) <= 1


@pytest.mark.parametrize("count", ["9" * 5000, "999999999999"])
def test_numbers_without_end_are_no_heads(tmp_path, count):
    text = REFERENCES.replace("§ 2", f"§ {count}").replace("1-2", f"1-{count}")
    project = nvivo.read(written(tmp_path / "generated.txt", text))
    assert project["codings"].shape[0] < 10
