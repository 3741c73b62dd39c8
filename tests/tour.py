"""The pictures of the README's tour, and how fast the screen answers. Run by `make tour`."""

import csv
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from lab_browser import CELLS, Lab, copy

from analysis import PAPER, ROOT, SIMULATED

TOUR = ROOT / "docs" / "tour"
TIMES, LARGE, CODINGS = 7, "simulated-large", 200_000
BOXES = [("a code is ticked", "meeting-fatigue"), *[("people are filtered", "borough=A")] * 2]
"""Boxes that are ticked in each turn; who is filtered is let in again."""
READ, HEAT = "table.analysis-quotations td", ".analysis-heat td, .analysis-heat th"


def pictures(lab):
    """The screen on the published study and on the simulated one."""
    lab.choose("Grouping", "role group")
    lab.press("top-down", "nurse")
    picture(lab, "screen")
    lab.choose("Study", SIMULATED)
    lab.count("people")
    lab.tick("role_group=nurse")
    lab.until(lambda: lab.find(".analysis-numbers td"))
    lab.settle()
    picture(lab, "numbers")


def picture(lab, name):
    """The window with the screen at its top."""
    lab.driver.execute_script("document.querySelector('.jp-OutputArea .widget-dropdown').scrollIntoView()")
    lab.settle()
    lab.driver.save_screenshot(str(TOUR / f"{name}.png"))


def papers():
    """A page of what is handed in, and a sheet for a workshop, as LibreOffice sets them."""
    for command, file, page in (("handin", "tables-and-figures", 2), ("sensecheck", "sheets", 1)):
        subprocess.run([sys.executable, "-m", "analysis", command, PAPER], cwd=ROOT, check=True)
        made = ROOT / "scratch" / command / PAPER / f"{file}.docx"
        name = {"handin": "handin", "sensecheck": "sheet"}[command]
        with tempfile.TemporaryDirectory() as place:
            office = ["soffice", f"-env:UserInstallation=file://{place}/user", "--headless"]
            subprocess.run([*office, "--convert-to", "pdf", "--outdir", place, made], check=True)
            pages = ["-png", "-r", "80", "-f", str(page), "-l", str(page), "-singlefile"]
            subprocess.run(["pdftoppm", *pages, f"{place}/{file}.pdf", TOUR / name], check=True)


def times(lab, study):
    """How long the screen takes to answer, in milliseconds: what is done, the median, the slowest."""
    lab.choose("Study", study)
    found = {
        "a cell is pressed": [],
        "a code is ticked": [],
        "a grouping is chosen": [],
        "people are filtered": [],
    }
    for turn in range(TIMES):
        lab.turn_to("Quotations")
        cells = [one for one in lab.find(CELLS) if one.text != "0"]
        found["a cell is pressed"].append(lab.milliseconds(cells[turn % len(cells)], READ))
        for what, box in BOXES:
            ticked = lab.one(f'.analysis-tree input[value="{box}"]')
            found[what].append(lab.milliseconds(ticked, HEAT))
        by = lab.driver.find_element("xpath", "//label[text()='Grouping']/following-sibling::select")
        other = {"borough": "role group", "role group": "borough"}[by.get_attribute("value")]
        found["a grouping is chosen"].append(lab.milliseconds(by, HEAT, other))
    return [(what, statistics.median(took), max(took)) for what, took in found.items()]


def main():
    TOUR.mkdir(parents=True, exist_ok=True)
    papers()
    with tempfile.TemporaryDirectory() as place:
        lab = Lab(copy(Path(place), CODINGS), PAPER)
        try:
            lab.open()
            lab.run_all()
            pictures(lab)
            rows = [(study, *row) for study in (PAPER, SIMULATED, LARGE) for row in times(lab, study)]
        finally:
            lab.close()
    with (TOUR / "times.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["study", "what is done", "median_ms", "slowest_ms"])
        writer.writerows(
            (study, what, f"{median:.0f}", f"{slowest:.0f}") for study, what, median, slowest in rows
        )
    print((TOUR / "times.csv").read_text())


if __name__ == "__main__":
    sys.exit(main())
