"""From a file to the cell behind it."""

from analysis.audit.origins import Origin, origins, wrote


def cell(name, *shown):
    return {"id": name, "outputs": [{"metadata": one} for one in shown]}


def test_a_cell_says_what_it_wrote_and_the_words_for_its_pictures():
    about = {"image/png": {"alt": "Bars.", "wrote": ["a.png", "a.svg"]}}
    assert wrote(cell("c1", about, {"text/html": {"wrote": ["a.csv"]}})) == {
        "a.png": "Bars.",
        "a.svg": "Bars.",
        "a.csv": "",
    }
    assert wrote(cell("c1", {}, {"collapsed": True}, {"image/png": {"width": 640}})) == {}
    assert wrote({"id": "prose"}) == {}


def test_every_file_has_its_run_and_its_cell():
    one = {"cells": [cell("c1"), cell("c2", {"text/html": {"wrote": ["a.csv"]}})]}
    assert origins([("01", one), ("02", {})]) == {"a.csv": Origin("01", "c2")}
