"""Looking around as a person does: JupyterLab in a browser, without a network, by mouse and keyboard.

Needs Chromium, its driver and axe-core: `make test-browser` says how to get them.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import lab_browser
import pandas as pd
import pytest
import qdpx
from lab_browser import CELLS, NOTEBOOK, Lab

from analysis import PAPER, ROOT, SIMULATED
from analysis.measures import prevalence

pytestmark = pytest.mark.browser
AXE = Path(os.environ.get("AXE") or ROOT / ".venv" / "axe" / "node_modules" / "axe-core" / "axe.min.js")
IMPORTED, SHEET = "imported", "a-sheet"
QUOTED = """Participant,Ward,Code,Quotation
P1,North,Waiting,We wait <b>all</b> day <img src=x onerror="document.title='run'">
P1,North,Help,Somebody <on good days> helps
P2,South,Waiting,=1+1 we wait too
P3,South,Help,Nobody helps
"""
BY_ROLE = pd.read_csv(ROOT / "data" / "derived" / PAPER / "themes_by_role_group.csv")
UPPER = ["impact", "top-down", "service-change", "gap", "barriers", "expectations", "bottom-up"]


def suite(folder, *words):
    """A command of the suite, in the copy."""
    env = {name: text for name, text in os.environ.items() if not name.startswith(("ANALYSIS", "PYTEST"))}
    command = [sys.executable, "-m", "analysis", *words]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    copy = lab_browser.copy(tmp_path_factory.mktemp("checkout"))
    source = qdpx.write(copy / "ward.qdpx", qdpx.sample(), "standard")
    (copy / "quotes.csv").write_text(QUOTED, encoding="utf-8")
    for path, name in ((source, IMPORTED), (copy / "quotes.csv", SHEET)):
        done = suite(copy, "import", str(path), name)
        assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def opened(folder):
    lab = Lab(folder, PAPER)
    try:
        lab.open()
        lab.run_all()
        yield lab
    finally:
        lab.close()


@pytest.fixture
def lab(opened):
    """The screen as it is when the published study is chosen."""
    opened.choose("Study", SIMULATED)
    opened.choose("Study", PAPER)
    return opened


def least(rows, codes):
    shown = rows[(rows["unit"] == "excerpts") & rows["code"].isin(codes)]
    return {(row.code, row.role_group): str(row.least) for row in shown.itertuples()}


def test_the_screen_opens_on_the_study_that_was_named_and_nothing_is_asked_of_anybody_else(lab, paper):
    assert f"{len(paper.excerpts)} excerpts" in lab.said()
    assert lab.errors() == []
    assert lab.asked() == []


def test_no_box_asks_whether_news_are_wanted(lab):
    time.sleep(2)
    assert "news" not in lab.text(".Toastify, .jp-toastContainer, .jp-Notification-List").casefold()
    assert "Jupyter news" not in lab.driver.find_element("css selector", "body").text


def test_a_code_and_a_grouping_are_chosen_and_the_counts_are_those_of_the_results(lab):
    lab.choose("Grouping", "role group")
    assert lab.cells() == least(BY_ROLE, UPPER)
    lab.tick("meeting-fatigue")
    assert lab.cells() == least(BY_ROLE, [*UPPER, "meeting-fatigue"])


def test_a_cell_leads_to_its_quotations_with_what_is_known_of_the_speaker(lab, paper):
    lab.choose("Grouping", "role group")
    lab.press("top-down", "nurse")
    under = prevalence.excerpts_behind("top-down", paper.codings, paper.codebook)
    nurses = paper.excerpts[paper.excerpts["excerpt"].isin(under) & paper.excerpts["speaker"].eq("Nurse")]
    rows = lab.rows("quotations")
    assert [row["excerpt"] for row in rows] == [*nurses["excerpt"]]
    assert [row["text"] for row in rows] == [*nurses["text"]]
    assert {row["role_group"] for row in rows} == {"nurse"}
    assert lab.cells()["top-down", "nurse"] == str(len(rows))


def test_no_cell_ties_a_quotation_to_a_borough(lab):
    seen = []
    for borough in "ABC":
        lab.press("barriers", borough)
        seen.append(lab.rows("quotations"))
        assert "the record does not say the group" in lab.said()
    assert seen[0] == seen[1] == seen[2] != []
    assert not any("borough" in row for row in seen[0])


def test_people_cannot_be_counted_where_nobody_is_named_and_the_screen_says_so(lab):
    lab.count("people")
    assert lab.cells() == {}
    assert "Nothing can be counted in people" in lab.said()


def test_who_filters_by_what_the_record_does_not_say_is_told_how_much_is_left_out(lab, paper):
    lab.tick("borough=A")
    assert f"Of {len(paper.excerpts)} excerpts the record does not say the borough" in lab.said()
    assert {*lab.cells().values()} == {"0"}


def test_words_are_found_in_all_texts(lab, paper):
    lab.turn_to("In the texts")
    lab.write("a word, or several in a row", "meeting")
    rows = lab.rows("places")
    found = paper.excerpts["text"].str.findall(r"\bmeeting\w*", flags=re.IGNORECASE).str.len()
    assert len(rows) == found[paper.excerpts["source"] == "interview"].sum() > 0
    assert all(row["match"].casefold().startswith("meeting") for row in rows)


def test_markup_in_quotations_is_only_text(lab):
    lab.choose("Study", SHEET)
    lab.press("waiting", "North")
    assert [row["text"] for row in lab.rows("quotations")] == [QUOTED.splitlines()[1].split(",", 3)[3]]
    lab.turn_to("In the texts")
    lab.write("a word, or several in a row", "img")
    assert [row["match"] for row in lab.rows("places")] == ["img"]
    assert lab.driver.title != "run"


def test_an_imported_study_is_looked_at_like_any_other(lab):
    lab.choose("Study", IMPORTED)
    assert lab.cells()
    lab.choose("Study", SHEET)
    lab.count("people")
    assert lab.cells()["help", "South"] == "1"
    lab.press("help", "South")
    assert [row["participant"] for row in lab.rows("quotations")] == ["P3"]
    assert lab.errors() == []


def test_quotations_are_searched(lab):
    lab.choose("Study", SIMULATED)
    lab.press("impact", "A")
    search = lab.one(".dt-search input")
    search.send_keys("P001")
    lab.settle()
    assert {row["participant"] for row in lab.rows("quotations")} == {"P001"}


def test_a_view_that_is_kept_gives_the_same_numbers_as_a_notebook(lab, folder):
    lab.choose("Study", SIMULATED)
    lab.choose("Grouping", "role group")
    lab.count("people")
    lab.tick("borough=A")
    lab.tick("meeting-fatigue")
    shown = lab.cells()
    lab.write("a name for it", "Tired in A")
    lab.one(".widget-button:not(.widget-toggle-button)").click()
    lab.settle()
    assert f"make reproduce VIEW=tired-in-a STUDY={SIMULATED}" in lab.said()
    done = suite(folder, "reproduce", SIMULATED, "--view", "tired-in-a")
    assert done.returncode == 0, done.stderr
    trial = folder / "scratch" / "trials" / "view-tired-in-a"
    rows = pd.read_csv(trial / "data" / "derived" / SIMULATED / "view_tired-in-a.csv")
    kept = {(row.code, row.role_group): str(row.least) for row in rows.itertuples()}
    assert {pair: kept[pair] for pair in shown} == shown
    assert {text for pair, text in kept.items() if pair not in shown} <= {"0"}
    assert rows["low"].notna().any()
    assert (trial / "figures" / SIMULATED / "view-tired-in-a.png").stat().st_size > 0


def test_numbers_have_their_intervals(lab):
    lab.choose("Study", SIMULATED)
    lab.count("people")
    lab.turn_to("Numbers")
    lab.until(lambda: lab.find(".analysis-numbers td"))
    head = [cell.text for cell in lab.find(".analysis-numbers th")]
    assert {"borough", "count", "denominator", "low", "high", "holds"} <= {*head}
    assert len(lab.find(".analysis-numbers tbody tr")) == len(lab.cells())


def test_arrows_lead_from_cell_to_cell_and_enter_presses_one(lab):
    from selenium.webdriver import ActionChains, Keys

    lab.driver.execute_script("document.querySelector(arguments[0]).focus()", CELLS)
    ActionChains(lab.driver).send_keys(Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ENTER).perform()
    lab.settle()
    (pressed,) = lab.find(f"{CELLS}[aria-pressed=true]")
    assert (pressed.get_attribute("data-code"), pressed.get_attribute("data-group")) == (UPPER[1], "B")


def test_the_tree_and_the_heat_map_have_no_fault_of_accessibility(lab):
    lab.choose("Grouping", "role group")
    lab.driver.execute_script(AXE.read_text(encoding="utf-8"))
    script = """
      const done = arguments[arguments.length - 1];
      const places = {include: [[".analysis-tree"], [".analysis-heat"], [".analysis-numbers"]]};
      axe.run(places, {runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}).then((found) =>
        done(found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`)));"""
    assert lab.driver.execute_async_script(script) == []


def test_what_is_saved_holds_nothing_of_what_was_shown(lab, folder):
    lab.press("barriers", "A")
    lab.save()
    assert (folder / NOTEBOOK).read_bytes() == (ROOT / NOTEBOOK).read_bytes()
    others = [*(folder / "notebooks").rglob("*.ipynb")]
    shown = [path for path in others if any(cell.get("outputs") for cell in _cells(path))]
    assert shown == []


def _cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]
