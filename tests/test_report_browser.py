"""The report as people meet it: in a browser, without a network, by mouse and keyboard, in light and dark.

Needs Chromium, its driver and axe-core: `make test-report` says how to get them.
"""

import os
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from analysis import ROOT
from analysis.audit import report
from analysis.runs.files import replaced

pytestmark = pytest.mark.browser
webdriver = pytest.importorskip("selenium.webdriver")

AXE = Path(os.environ.get("AXE") or ROOT / ".venv" / "axe" / "node_modules" / "axe-core" / "axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = {
    "light": ("light", 1280),
    "dark": ("dark", 1280),
    "phone": ("light", 360),
    "dark phone": ("dark", 360),
}
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: arguments[0]}).then((found) => done(found.violations.map(
  (one) => `${one.id}: ${one.nodes.length} times, as ${one.nodes[0].html.slice(0, 200)}`)));
"""
LINK_OF_TABLE = "table td a[href*='notebooks/']"


class Quiet(SimpleHTTPRequestHandler):
    """A server that says nothing of what it serves."""

    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def site(paper, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "site"
    replaced(folder, report.files(paper, ROOT))
    return folder


@pytest.fixture(scope="module")
def address(site):
    with served(site) as where:
        yield where


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    words = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage"]
    words += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
    for word in [*words, *(["--no-sandbox"] if os.geteuid() == 0 else [])]:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


def look(browser, name):
    """Light or dark as the reader's system says, and how wide the window is."""
    mode, width = LOOKS[name]
    light = {"features": [{"name": "prefers-color-scheme", "value": mode}]}
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", light)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def pages(site):
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return [one for one in found if not one.startswith("_static")]


def violations(browser):
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    return browser.execute_async_script(RUN_AXE, RULES)


def errors(browser):
    return [one["message"] for one in browser.get_log("browser") if one["level"] in ("SEVERE", "WARNING")]


def shown(browser):
    return [row for row in browser.find_elements("css selector", "tr[data-verdict]") if row.is_displayed()]


def element(browser, selector):
    return browser.find_element("css selector", selector)


def press(browser, *keys):
    from selenium.webdriver import ActionChains

    ActionChains(browser).send_keys(*keys).perform()


@pytest.mark.parametrize("name", LOOKS)
def test_no_page_has_a_fault_of_accessibility_an_error_or_is_wider_than_its_window(
    browser, address, site, name
):
    look(browser, name)
    found = {}
    for page in pages(site):
        browser.get(f"{address}/{page}")
        wide = browser.execute_script("return document.documentElement.scrollWidth > innerWidth")
        found[page] = [*violations(browser), *errors(browser), *(["wider than its window"] if wide else [])]
    assert {page: what for page, what in found.items() if what} == {}
    assert len(found) > 40


def test_a_picture_without_a_text_is_noticed(browser, site, tmp_path):
    copy = shutil.copytree(site, tmp_path / "copy")
    page = copy / "claims.html"
    page.write_text(page.read_text().replace("<h1>", '<img src="pictures/x.png"><h1>', 1))
    with served(copy) as address:
        browser.get(f"{address}/claims.html")
        assert any(one.startswith("image-alt") for one in violations(browser))
        assert any("pictures/x.png" in one for one in errors(browser))


def test_every_page_opens_as_a_file_too(browser, site):
    look(browser, "light")
    for page in pages(site):
        browser.get((site / page).as_uri())
        assert errors(browser) == [], page


def test_the_claims_are_filtered_by_mouse(browser, address):
    from selenium.webdriver.support.select import Select

    look(browser, "light")
    browser.get(f"{address}/claims.html")
    every = shown(browser)
    verdicts = {row.get_attribute("data-verdict") for row in every}
    for verdict in sorted(verdicts):
        Select(element(browser, "#by-verdict")).select_by_visible_text(verdict)
        assert {row.get_attribute("data-verdict") for row in shown(browser)} == {verdict}
    place = shown(browser)[0].get_attribute("data-where")
    Select(element(browser, "#by-where")).select_by_visible_text(place)
    both = {(row.get_attribute("data-verdict"), row.get_attribute("data-where")) for row in shown(browser)}
    assert both == {(verdict, place)}
    assert element(browser, "#found").text == f"{len(shown(browser))} of {len(every)} claims are shown."
    element(browser, "#filters button").click()
    assert len(shown(browser)) == len(every)


def test_the_claims_are_filtered_by_keyboard(browser, address):
    from selenium.webdriver import Keys

    look(browser, "light")
    browser.get(f"{address}/claims.html")
    every = len(shown(browser))
    browser.execute_script("document.getElementById('by-verdict').focus()")
    press(browser, Keys.ARROW_DOWN)
    chosen = browser.execute_script("return document.getElementById('by-verdict').value")
    assert {row.get_attribute("data-verdict") for row in shown(browser)} == {chosen} != {""}
    press(browser, Keys.ARROW_UP, Keys.TAB, Keys.TAB, "borough b")
    assert 0 < len(shown(browser)) < every
    assert all("borough b" in row.text.casefold() for row in shown(browser))
    press(browser, Keys.TAB, Keys.ENTER)
    assert len(shown(browser)) == every


def test_without_javascript_the_claims_stand_there_whole(browser, address, paper):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{address}/claims.html")
        assert len(shown(browser)) == len(paper.claims)
        assert not element(browser, "#filters").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_number_leads_to_its_cell_and_the_cell_to_the_excerpts(browser, address):
    look(browser, "light")
    browser.get(f"{address}/tables/themes_by_role_group.html")
    element(browser, LINK_OF_TABLE).click()
    where, cell = browser.current_url.split("/")[-1].split("#")
    assert where == "03-themes-by-role_group.html"
    anchor = element(browser, f'[id="{cell}"]')
    assert 0 <= browser.execute_script("return arguments[0].getBoundingClientRect().top", anchor) < 900
    element(browser, f'[id="{cell}"] ~ .cell a[href$="excerpts.html"]').click()
    assert browser.current_url.endswith("/excerpts.html")
    assert browser.find_elements("css selector", "figure.excerpt")


def test_a_code_leads_to_its_own_excerpts_and_a_group_to_its_people(browser, address, paper):
    look(browser, "light")
    browser.get(f"{address}/tables/themes_by_borough.html")
    link = element(browser, "td a[href*='excerpts.html#']")
    code = link.text
    link.click()
    heading = browser.execute_script(
        "return document.querySelector(':target').querySelector('h2, h3, h4').textContent"
    )
    assert heading.startswith(paper.codebook.set_index("code").loc[code, "name"])
    browser.get(f"{address}/tables/sample.html")
    row = element(browser, "tbody tr").text.split("\n")[0]
    element(browser, "td a[href*='people.html#']").click()
    group = browser.execute_script("return document.querySelector(':target').closest('tr').textContent")
    assert all(word in group for word in row.split()[:1])


def test_the_first_stop_of_the_keyboard_skips_to_the_text_and_focus_is_seen(browser, address):
    from selenium.webdriver import Keys

    look(browser, "light")
    browser.get(f"{address}/tables/sample.html")
    press(browser, Keys.TAB)
    assert "main" in browser.switch_to.active_element.get_attribute("href")
    press(browser, Keys.ENTER)
    browser.execute_script("document.querySelector('.scroll').focus()")
    assert browser.execute_script("return document.activeElement.className") == "scroll"


def test_the_look_of_the_page_is_in_the_reader_s_hand(browser, address):
    look(browser, "light")
    browser.get(f"{address}/index.html")
    root = "return document.documentElement.dataset.theme"
    assert browser.execute_script(root) == "light"
    element(browser, ".theme-switch-button").click()
    element(browser, ".theme-change-button[data-mode=dark]").click()
    assert browser.execute_script(root) == "dark"
    browser.get(f"{address}/claims.html")
    assert browser.execute_script(root) == "dark", "a choice that is made holds on every page"
    browser.execute_script("localStorage.clear()")
