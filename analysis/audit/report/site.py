"""Sphinx, as this report uses it: the same bytes from the same pages, and nothing from elsewhere."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from analysis.audit.report.evidence import ReportError
from analysis.audit.report.markup import HERE
from analysis.runs.files import replaced

STATIC = "_static/"
OWN = "own"
"""The folder of the sources with what the site takes over as it is."""
SETTINGS: dict[str, Any] = {
    "extensions": ["myst_nb"],
    "html_theme": "pydata_sphinx_theme",
    "language": "en",
    "exclude_patterns": [OWN],
    "html_static_path": [f"{OWN}/static"],
    "html_extra_path": [f"{OWN}/beside"],
    "html_css_files": ["report.css"],
    "html_js_files": [("report.js", {"defer": "defer"})],
    "html_favicon": f"{OWN}/static/mark.svg",
    "html_context": {"default_mode": "auto"},  # light or dark, as the reader's system is
    "html_sidebars": {"*": [], "notebooks/*": ["sidebar-nav-bs"], "tables/*": ["sidebar-nav-bs"]},
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_use_index": False,
    "html_domain_indices": False,
    "html_permalinks_icon": "#",
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},  # what would be loaded from elsewhere
    "mathjax_path": "no-formulas.js",  # nor this; no page has one
    "myst_heading_anchors": 3,
    "myst_links_external_new_tab": False,
    "suppress_warnings": ["myst.header"],  # a notebook's own headings are its author's
}
THEME: dict[str, Any] = {
    "navbar_align": "left",
    "navbar_center": ["navbar-nav"],
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "footer_start": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
UNUSED = (".map", ".LICENSE.txt", "webpack-macros.html", ".buildinfo", "objects.inv")
"""What Sphinx leaves that no page needs."""


def built(sources: dict[str, bytes], beside: dict[str, bytes], title: str) -> dict[str, bytes]:
    """The files of a site made from pages by name, and from files that stand beside them as they are."""
    own = {f"{OWN}/static/{path.name}": path.read_bytes() for path in sorted((HERE / "static").iterdir())}
    own |= {f"{OWN}/beside/{name}": data for name, data in beside.items()}
    own |= {f"{OWN}/beside/.keep": b""}
    settings = SETTINGS | {"project": title, "html_title": title}
    settings |= {"html_theme_options": THEME | {"logo": {"text": title}}}
    conf = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "pages", Path(place) / "site"
        replaced(folder, sources | own | {"conf.py": conf.encode()})
        _run_sphinx(folder, out)
        return {
            path.relative_to(out).as_posix(): path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file() and not path.name.endswith((*UNUSED, ".keep"))
        }


def _run_sphinx(folder: Path, out: Path) -> None:
    """A process of its own, as Sphinx changes much in the one it runs in; a warning is a page gone wrong.

    Raises ReportError with what Sphinx has said.
    """
    words = [
        "-b",
        "html",
        "-q",
        "-W",
        "--keep-going",
        "-d",
        str(out.with_name("read")),
        str(folder),
        str(out),
    ]
    fixed = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "1577836800", "TMPDIR": str(out.parent)}
    command = [sys.executable, "-m", "sphinx", *words]
    done = subprocess.run(command, env=os.environ | fixed, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        said = done.stderr.replace(str(folder), "").strip()
        raise ReportError(f"the pages could not be made into a site:\n{said}")
