"""The form for a sense-check in a headless browser, from the file itself, with axe-core.

Needs Chromium, its driver and axe-core: `make test-report` says how to get them.
"""

import pytest
from test_report_browser import LOOKS, browser, errors, look, violations

from analysis import study as studies
from analysis.handin import sheets

pytestmark = pytest.mark.browser
__all__ = ["browser"]


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("study", ["bussu-marshall-2020", "simulated-east-london"])
def test_the_form_has_no_fault_of_accessibility_and_fits_its_window(browser, tmp_path, study, name):
    page = tmp_path / "sheets.html"
    page.write_bytes(sheets.pack(studies.load(study))["sheets.html"])
    look(browser, name)
    browser.get(page.as_uri())
    assert violations(browser) == []
    assert errors(browser) == []
    assert not browser.execute_script("return document.documentElement.scrollWidth > innerWidth")


def test_what_is_filled_in_is_nowhere_kept(browser, tmp_path):
    page = tmp_path / "sheets.html"
    page.write_bytes(sheets.form([sheets.Sheet("c", "Theme", "So.", (), 0)], "Sense-check"))
    browser.get(page.as_uri())
    browser.find_element("id", "people-1-1").send_keys("4")
    assert browser.execute_script("return document.getElementById('people-1-1').value") == "4"
    browser.get("about:blank")
    browser.get(page.as_uri())
    assert browser.execute_script("return document.getElementById('people-1-1').value") == ""
    assert browser.get_cookies() == []
