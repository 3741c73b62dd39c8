"""Change one n of the roster: what depends on it changes, and the disagreement has a name."""

import checkout
import pytest


@pytest.mark.slow
def test_changing_one_n_changes_exactly_what_depends_on_it(tmp_path):
    folder = checkout.copy(tmp_path)
    checkout.change(folder, "roster", {"borough": "A", "as_printed": "3 occupational therapists"}, "n", "4")
    done = checkout.reproduce(folder)
    assert done.returncode == 0, done.stderr
    csvs = {"sample", "reconciliation", "voices", "themes_by_borough", "themes_by_borough_narrow"}
    csvs |= {"facts", "claims"}
    figures = {
        "sample",
        "role-mix",
        "reconciliation",
        "voices",
        "themes-by-borough",
        "themes-by-borough-readings",
    }
    runs = {
        "01-who-was-interviewed",
        "03-themes-by-borough",
        "04-what-unstated-roles-change",
        "05-whose-voice-is-heard",
        "12-does-it-agree-with-the-paper",
    }
    assert checkout.changed(folder) == (
        {f"derived/{name}.csv" for name in csvs}
        | {f"figures/{name}.{kind}" for name in figures for kind in ("png", "svg")}
        | {f"derived/notebooks/{name}.ipynb" for name in runs}
    )
    assert "list-a (Table A1)" not in done.stdout
    assert "list (Table A1)" in done.stdout
    assert "computed 91" in done.stdout
