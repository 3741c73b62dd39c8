"""JupyterLab in a copy of the checkout, driven by a headless Chromium as a person would drive it."""

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import checkout
import large
import served
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from analysis import ROOT, SIMULATED

NOTEBOOK = "notebooks/explore.ipynb"
CELLS = ".analysis-heat td button"
STILL = 0.6
"""Seconds without a change in the page after which it is taken to have settled."""
WAIT = 90
SENT = ("requestWillBeSent", "webSocketCreated")
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
TIMED = """
const done = arguments[arguments.length - 1], [act, value, where] = arguments;
const seen = () => [...document.querySelectorAll(where)].map((one) => one.textContent).join();
const before = seen(), started = performance.now();
const end = () => done(performance.now() - started);
const look = () => seen() === before ? requestAnimationFrame(look) : setTimeout(end);
if (value !== null) act.value = value;
if (value === null) act.click(); else act.dispatchEvent(new Event("change", {bubbles: true}));
requestAnimationFrame(look);
"""
"""From a click, or a choice, until the part of the page that follows from it is painted: milliseconds."""


def copy(folder, codings=0):
    """A checkout with the published study, the simulated one, an imported one, and perhaps a large one."""
    checkout.copy(folder)
    shutil.copytree(ROOT / "data" / "raw" / SIMULATED, folder / "data" / "raw" / SIMULATED)
    if codings:
        large.write(folder / "data" / "raw", codings)
    return folder


class Lab:
    """The server, the browser, and what a person does with them."""

    def __init__(self, folder, study):
        self.folder, self.home = folder, Path(tempfile.mkdtemp(prefix="home-"))
        # PYTHONPATH is for kernels too: what is installed is the checkout itself
        self.server = served.start(folder, self.home, study, PYTHONPATH=str(folder))
        self.driver = _browser()

    def close(self):
        self.driver.quit()
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(timeout=30)
        shutil.rmtree(self.home, ignore_errors=True)

    def address(self):
        """Where the server is, once it listens, with its token."""
        said = served.told(self.home, self.server)
        return f"{said['url']}lab/tree/{NOTEBOOK}?token={said['token']}"

    def until(self, happens, seconds=WAIT):
        """What comes of asking until something is there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(StaleElementReferenceException):
                if found := happens():
                    return found
            time.sleep(0.1)
        raise TimeoutError(f"nothing after {seconds} s, of {happens}")

    def find(self, selector):
        return self.driver.find_elements("css selector", selector)

    def one(self, selector):
        return self.until(lambda: self.find(selector))[0]

    def text(self, selector):
        return "\n".join(element.text for element in self.find(selector))

    def settle(self):
        """Wait until the page has not changed for a moment."""
        last, since = "", time.monotonic()
        while time.monotonic() - since < STILL:
            now = self.driver.execute_script("return document.querySelector('.jp-Notebook').innerText")
            now += "" if self.idle() else f"busy at {time.monotonic()}"
            last, since = (now, since) if now == last else (now, time.monotonic())
            time.sleep(0.1)

    def idle(self):
        return "Idle" in self.text("#jp-main-statusbar")

    def open(self):
        self.driver.get(self.address())
        self.one(".jp-Notebook .jp-Cell")
        self.until(self.idle)

    def run_all(self):
        """As from the menu."""
        self.driver.find_element(By.XPATH, "//div[@id='jp-MainMenu']//div[text()='Run']").click()
        labels = self.until(lambda: [e for e in self.find(".lm-Menu-itemLabel") if e.text == "Run All Cells"])
        labels[0].click()
        self.one(CELLS)
        self.settle()

    def choose(self, label, value):
        """A value of the list beside a label."""
        path = f"//label[text()='{label}']/following-sibling::select"
        Select(self.driver.find_element(By.XPATH, path)).select_by_visible_text(value)
        self.settle()

    def count(self, unit):
        (button,) = [one for one in self.find(".widget-toggle-button") if one.text == unit]
        button.click()
        self.settle()

    def tick(self, value):
        """A box of the trees, whether it can be seen or not."""
        self.driver.execute_script("arguments[0].click()", self.one(f'.analysis-tree input[value="{value}"]'))
        self.settle()

    def turn_to(self, tab):
        (label,) = [one for one in self.find(".lm-TabBar-tabLabel") if one.text == tab]
        label.click()
        self.settle()

    def write(self, placeholder, text):
        box = self.one(f'input[placeholder="{placeholder}"]')
        box.clear()
        box.send_keys(text + Keys.ENTER)
        self.settle()

    def press(self, code, group):
        self.one(f'{CELLS}[data-code="{code}"][data-group="{group}"]').click()
        self.settle()

    def cells(self):
        """What the heat map says: a text for each code and group."""
        script = """return [...document.querySelectorAll(arguments[0])].map(
          (one) => [one.dataset.code, one.dataset.group, one.textContent]);"""
        return {(code, group): text for code, group, text in self.driver.execute_script(script, CELLS)}

    def rows(self, kind):
        """What a table to be read shows, on its first page: a dictionary for each row."""
        script = """
          const table = [...document.querySelectorAll(arguments[0])].filter((t) => t.offsetParent)[0];
          if (!table) return [];
          const lines = [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
          const [head, ...rest] = lines;
          return rest.filter((line) => line.length == head.length)
            .map((line) => Object.fromEntries(line.map((cell, at) => [head[at], cell])));"""
        return self.driver.execute_script(script, f"table.analysis-{kind}")

    def said(self):
        """Every sentence that the screen shows."""
        return self.text(".jp-OutputArea .widget-html-content")

    def milliseconds(self, element, where, value=None):
        """From pressing an element, or choosing a value of it, until what follows from it is painted."""
        self.driver.set_script_timeout(WAIT)
        found = self.driver.execute_async_script(TIMED, element, value, where)
        self.settle()
        return found

    def errors(self):
        """What the browser complains of."""
        return [one["message"] for one in self.driver.get_log("browser") if one["level"] == "SEVERE"]

    def asked(self):
        """The addresses that the page has asked for, other than of this machine."""
        sent = [json.loads(one["message"])["message"] for one in self.driver.get_log("performance")]
        called = {
            name: [one["params"] for one in sent if one["method"] == f"Network.{name}"] for name in SENT
        }
        names = [one["request"]["url"] for one in called["requestWillBeSent"]]
        sockets = [one["url"] for one in called["webSocketCreated"]]
        inside = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
        assert names
        return sorted({name for name in [*names, *sockets] if not name.startswith(inside)})

    def save(self):
        """As from the keyboard, and wait until the file is written."""
        path = self.folder / NOTEBOOK
        before = path.stat().st_mtime_ns
        self.driver.find_element(By.XPATH, "//div[@id='jp-MainMenu']//div[text()='File']").click()
        labels = self.until(lambda: [e for e in self.find(".lm-Menu-itemLabel") if e.text == "Save Notebook"])
        labels[0].click()
        self.until(lambda: path.stat().st_mtime_ns != before)


def _browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    words = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1500,1200", NOWHERE]
    for word in [*words, *(["--no-sandbox"] if os.geteuid() == 0 else [])]:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
