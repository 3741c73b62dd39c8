"""Views that were kept: written, read, refused with a sentence, and run again."""

import signal
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import ROOT
from analysis.__main__ import main
from analysis.explore import views
from analysis.explore.views import View, ViewError
from analysis.runs.specification import PlanError, checked, fitting

PAPER = "bussu-marshall-2020"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VIEWS = st.builds(
    View,
    TEXTS,
    TEXTS,
    st.lists(TEXTS, max_size=3).map(tuple),
    st.lists(TEXTS, max_size=3).map(tuple),
    TEXTS,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VIEWS)
def test_a_view_comes_back_from_its_file(tmp_path, view):
    path = tmp_path / "view.toml"
    path.write_text(views._written(view, "view", PAPER), encoding="utf-8")  # noqa: SLF001 - its form
    assert views.read(path) == view


@given(VIEWS)
def test_its_parameters_are_those_of_a_run(view):
    assert fitting("codes", view.parameters["codes"]) == [*view.codes]
    assert fitting("within", view.parameters["within"]) == [*view.within]
    assert fitting("phrase", view.parameters["phrase"]) == view.phrase


def test_a_view_is_kept_under_a_plain_name_and_says_how_to_run_it(tmp_path):
    path = views.keep(View("borough"), "Nurses & change!", PAPER, tmp_path)
    assert path == tmp_path / "scratch" / "views" / PAPER / "nurses-change.toml"
    assert f"make reproduce VIEW=nurses-change STUDY={PAPER}" in path.read_text(encoding="utf-8")
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_another_view_of_that_name_stays_as_it_is(tmp_path):
    path = views.keep(View("borough"), "one", PAPER, tmp_path)
    before = path.read_bytes()
    assert views.keep(View("borough"), "One", PAPER, tmp_path) == path
    with pytest.raises(ViewError, match='Another view is called "one"'):
        views.keep(View("role_group"), "one", PAPER, tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "  ", "…", "//"])
def test_a_view_without_a_name_is_not_kept(tmp_path, name):
    with pytest.raises(ViewError, match="needs a name"):
        views.keep(View("borough"), name, PAPER, tmp_path)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["../../elsewhere", "/etc/passwd", "..\\x"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    path = views.keep(View("borough"), name, PAPER, tmp_path)
    assert path.parent == tmp_path / "scratch" / "views" / PAPER


def test_a_view_that_is_not_there_is_refused_with_what_is(tmp_path):
    with pytest.raises(ViewError, match="none is kept yet; make lab has a button for it"):
        views.named("mine", PAPER, tmp_path)
    views.keep(View("borough"), "nurses", PAPER, tmp_path)
    with pytest.raises(ViewError, match=r'there are nurses\. Did you mean "nurses"'):
        views.named("nurse", PAPER, tmp_path)


def test_a_view_may_be_named_by_its_file(tmp_path):
    path = tmp_path / "from-a-colleague.toml"
    path.write_text('by = "borough"\n', encoding="utf-8")
    assert views.read(views.named(str(path), PAPER, tmp_path)) == View("borough")


def test_a_file_with_a_name_that_no_run_can_have_is_told_so(tmp_path):
    path = tmp_path / "my view.toml"
    path.write_text('by = "borough"\n', encoding="utf-8")
    with pytest.raises(ViewError, match=r'"my view\.toml": the file of a view has a name of letters'):
        views.named(str(path), PAPER, tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("by =", "v.toml: not readable as TOML"),
        ("unit = 'people'", 'v.toml: "by" is missing'),
        ("by = 3", "v.toml: by: found 3; expected a text"),
        ("by = 'b'\ncodes = 'x'", "v.toml: codes: found 'x'; expected a list of texts"),
        ("by = 'b'\ncodes = [1]", "codes: found [1]; expected a list of texts"),
        ("by = 'b'\ncolour = 'red'", '"colour" is not known; there are by, unit, codes, within, phrase'),
    ],
)
def test_a_file_that_is_no_view_is_refused_with_what_was_expected(tmp_path, text, says):
    path = tmp_path / "v.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ViewError) as caught:
        views.read(path)
    assert says in str(caught.value)


def test_all_that_does_not_fit_the_study_is_said_at_once(paper):
    view = View("boroug", "quotes", ("top-dwn",), ("borough=D", "ward=1", "borough"))
    with pytest.raises(ViewError) as caught:
        views.fitting(view, paper, "v.toml")
    said = str(caught.value)
    assert 'v.toml: by: the study has no "boroug". Did you mean "borough"?' in said
    assert 'v.toml: unit: the study has no "quotes"' in said
    assert 'v.toml: codes: the study has no "top-dwn". Did you mean "top-down"?' in said
    assert 'within: "borough" names no group; expected attribute=group' in said
    with pytest.raises(ViewError) as caught:
        views.fitting(View("borough", within=("borough=D", "ward=1")), paper, "v.toml")
    assert 'within, borough: the study has no "D"' in str(caught.value)
    assert 'within: the study has no "ward"' in str(caught.value)


def test_a_view_is_of_people_who_are_alike_and_of_nobody_by_id(simulated):
    for text in ("participant=P001", "n=1"):
        with pytest.raises(ViewError, match="within: the study has no"):
            views.fitting(View("borough", within=(text,)), simulated, "v.toml")


def test_lists_are_given_with_semicolons_or_as_json():
    assert checked("codes", "a; b ;") == ["a", "b"]
    assert checked("codes", '["a; b"]') == ["a; b"]
    assert checked("codes", "") == []
    for wrong in ("[1]", "[", '["a"'):
        with pytest.raises(PlanError, match="expected texts with semicolons between them"):
            checked("codes", wrong)


@pytest.fixture
def view_file(tmp_path):
    path = tmp_path / "nurses.toml"
    path.write_text(
        'by = "role_group"\ncodes = ["top-down", "meeting-fatigue"]\nphrase = "meeting"\n', encoding="utf-8"
    )
    return path


def test_a_view_runs_as_a_notebook_with_its_table_and_figure(view_file, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("analysis.commands.results.TRIALS", str(tmp_path / "trials"))
    assert main(["reproduce", PAPER, "--view", str(view_file)]) == 0
    capsys.readouterr()
    trial = tmp_path / "trials" / "view-nurses"
    derived = trial / "data" / "derived" / PAPER
    rows = pd.read_csv(derived / "view_nurses.csv")
    kept = pd.read_csv(ROOT / "data" / "derived" / PAPER / "themes_by_role_group.csv")
    both = rows.merge(kept, on=["code", "role_group", "unit"], suffixes=("", "_kept"))
    assert len(both) == len(rows) == 2 * kept["role_group"].nunique()
    assert both["least"].equals(both["least_kept"])
    excerpts = pd.read_csv(derived / "view_nurses_excerpts.csv")
    assert "borough" not in excerpts
    assert len(pd.read_csv(derived / "view_nurses_places.csv")) > 0
    figures = trial / "figures" / PAPER
    assert {path.name for path in figures.iterdir()} == {"view-nurses.png", "view-nurses.svg"}


def test_the_plan_of_a_view_is_its_run_and_no_other(view_file, capsys):
    assert main(["plan", PAPER, "--view", str(view_file)]) == 0
    said = capsys.readouterr().out
    assert "view-nurses: notebooks/a-view.ipynb" in said
    assert "01-who" not in said
    assert main(["plan", PAPER]) == 0
    assert "view-" not in capsys.readouterr().out


def test_a_view_that_does_not_fit_runs_nothing(tmp_path, capsys):
    path = tmp_path / "v.toml"
    path.write_text('by = "ward"\n', encoding="utf-8")
    assert main(["reproduce", PAPER, "--view", str(path)]) == 2
    assert 'v.toml: by: the study has no "ward"' in capsys.readouterr().err


def test_who_reads_only_the_head_of_a_plan_is_no_error_and_changes_nothing_for_others(capsys):
    before = signal.getsignal(signal.SIGPIPE)
    assert main(["plan", PAPER]) == 0
    assert capsys.readouterr().out
    assert signal.getsignal(signal.SIGPIPE) == before
    asked = f"{sys.executable} -m analysis plan {PAPER} | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", asked], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("A cell may work")
    assert done.stderr == ""
