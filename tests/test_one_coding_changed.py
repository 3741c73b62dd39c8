"""Recode one excerpt: what depends on it changes, and nothing else."""

import checkout
import pytest

FORMATS = ("csv", "docx", "html", "md", "tex")


@pytest.mark.slow
def test_recoding_one_excerpt_changes_exactly_what_depends_on_it(tmp_path):
    folder = checkout.copy(tmp_path)
    checkout.change(folder, "codings", {"excerpt": "E09"}, "code", "meeting-fatigue")
    done = checkout.reproduce(folder)
    assert done.returncode == 0, done.stderr
    printed = ("table-1", "table-2", "joint-by-borough", "joint-by-role_group", "quotation-book")
    tables = {f"derived/tables/{name}.{kind}" for name in printed for kind in FORMATS}
    csvs = {"themes_by_borough", "themes_by_borough_narrow", "themes_by_role_group", "words", "concordance"}
    csvs |= {"robustness", "joint_by_borough", "joint_by_role_group", "quotation_book"}
    figures = {"thematic-map", "themes-by-borough", "themes-by-borough-readings", "themes-by-role_group"}
    runs = {
        "02-what-was-coded",
        "03-themes-by-borough",
        "03-themes-by-role_group",
        "04-what-unstated-roles-change",
        "06-how-staff-put-it",
        "08-tables-and-appendix",
        "09-can-the-coding-be-trusted",
        "10-joint-display-by-borough",
        "10-joint-display-by-role_group",
        "11-which-words-stand-for-a-theme",
    }
    assert checkout.changed(folder) == (
        tables
        | {f"derived/{name}.csv" for name in csvs}
        | {f"figures/{name}.{kind}" for name in {*figures, "dispersion"} for kind in ("png", "svg")}
        | {f"derived/notebooks/{name}.ipynb" for name in runs}
    )
