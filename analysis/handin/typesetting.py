"""The LaTeX files: a table each, the figures, and a document that puts them in the order of the paper."""

import unicodedata
from collections.abc import Iterable

from analysis.handin import document, layout
from analysis.handin.material import Material
from analysis.outputs.latex import PACKAGES, latex, tex
from analysis.outputs.paper import PaperTable

MAIN = "handin.tex"
BEGINNING = r"""% Compiles with pdflatex, and with lualatex or xelatex, which know more scripts. Run it twice.
\documentclass[10pt,a4paper]{article}
\usepackage{iftex}
\ifPDFTeX
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
<signs>\else
\usepackage{fontspec}
\fi
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage[margin=20mm]{geometry}
\usepackage{<packages>}
\captionsetup{labelsep=period,labelfont=bf,justification=raggedright,singlelinecheck=false}
\setlength{\emergencystretch}{3em}
"""
SIGNS = {
    "≤": r"\ensuremath{\leq}", "≥": r"\ensuremath{\geq}", "≠": r"\ensuremath{\neq}",
    "≈": r"\ensuremath{\approx}", "−": r"\ensuremath{-}", "∞": r"\ensuremath{\infty}",
    "√": r"\ensuremath{\surd}", "∑": r"\ensuremath{\sum}",
    "→": r"\ensuremath{\rightarrow}", "←": r"\ensuremath{\leftarrow}", "↑": r"\ensuremath{\uparrow}",
    "↓": r"\ensuremath{\downarrow}", "↔": r"\ensuremath{\leftrightarrow}", "⇒": r"\ensuremath{\Rightarrow}",
    "α": r"\ensuremath{\alpha}", "β": r"\ensuremath{\beta}", "γ": r"\ensuremath{\gamma}",
    "δ": r"\ensuremath{\delta}", "ε": r"\ensuremath{\varepsilon}", "κ": r"\ensuremath{\kappa}",
    "λ": r"\ensuremath{\lambda}", "μ": r"\ensuremath{\mu}", "π": r"\ensuremath{\pi}",
    "ρ": r"\ensuremath{\rho}",
    "σ": r"\ensuremath{\sigma}", "τ": r"\ensuremath{\tau}", "φ": r"\ensuremath{\varphi}",
    "χ": r"\ensuremath{\chi}", "ω": r"\ensuremath{\omega}", "Δ": r"\ensuremath{\Delta}",
    "Σ": r"\ensuremath{\Sigma}", "Ω": r"\ensuremath{\Omega}", "\u2009": r"\,", "\u200a": r"\,",
    "\u202f": r"\,", "\u2002": r"\enspace{}", "\u2003": r"\quad{}", "\u200b": r"\hspace{0pt}", "\u2010": "-",
    "\u2011": r"\mbox{-}",
    "′": r"\ensuremath{'}", "★": r"\ensuremath{\star}", "✓": r"\ensuremath{\surd}",
    "\ufeff": "", "\u2028": " ", "■": r"\rule{1ex}{1ex}", "▪": r"\rule{.7ex}{.7ex}",
}  # fmt: skip
"""What stands for signs that pdflatex does not know and whoever reads it does."""
KNOWN = frozenset("–—‘’‚“”„†‡•…‰‹›€™ŒœŠšŸŽžıł Łğ")
"""Signs beyond Latin-1 that pdflatex prints, with the letters of Latin Extended-A."""
UNKNOWN = frozenset("ĦħĸĿŀŉŦŧſ")
"""Letters of that block which its fonts lack."""
LATIN, EXTENDED = 0xFF, 0x17F


def files(material: Material) -> dict[str, bytes]:
    """The files by name: the document, a file for each table, a picture for each figure."""
    tables = [*material.main, *material.appendix, *document.results(material)]
    made = {f"{table.name}.tex": latex(table) for table in tables if table.columns}
    made |= {f"{picture.name}.png": picture.png for _, picture in material.figures}
    body = "\n".join(_body(material))
    text = body + "".join(data.decode() for name, data in made.items() if name.endswith(".tex"))
    packages = ",".join([*PACKAGES, "graphicx", "pdflscape"])
    beginning = BEGINNING.replace("<signs>", "".join(_declared(text))).replace("<packages>", packages)
    return made | {MAIN: f"{beginning}{body}\n".encode()}


def _declared(text: str) -> Iterable[str]:
    """A line for each sign of a text that pdflatex would stop at; one that nothing stands for is named."""
    for sign in sorted({*text} - KNOWN):
        if ord(sign) <= LATIN or (ord(sign) <= EXTENDED and sign not in UNKNOWN):
            continue
        instead = SIGNS.get(sign, f"\\texttt{{[U+{ord(sign):04X}]}}")
        name = unicodedata.name(sign, "without a name").lower()
        yield f"\\DeclareUnicodeCharacter{{{ord(sign):04X}}}{{{instead}}}% {name}\n"


def _body(material: Material) -> Iterable[str]:
    yield f"\\title{{{tex(material.study.title)}}}\n\\author{{}}\n\\date{{}}"
    yield "\\begin{document}\n\\maketitle"
    yield from (f"\\noindent {tex(text)}\\par\\medskip" for text in document.about(material))
    if material.main:
        yield "\\section*{Tables}"
        yield from map(_table, material.main)
    if material.figures:
        yield "\\clearpage\n\\section*{Figures}"
        yield from (_figure(picture.name, picture.caption, picture.alt) for _, picture in material.figures)
    yield "\\clearpage\n\\section*{Appendix}"
    yield from map(_table, [*material.appendix, *document.results(material)])
    yield "\\end{document}"


def _table(table: PaperTable) -> str:
    """A table in type in which its words fit, across where it is wide; one without columns in words."""
    if not table.columns:
        return f"\\noindent\\textbf{{{tex(table.caption)}}} {tex(table.note)}\\par\\medskip"
    across = layout.lies_across(table)
    size = layout.fitting(table, layout.ACROSS if across else layout.UPRIGHT)
    inside = (
        f"\\begingroup\\fontsize{{{size:g}}}{{{size * 1.2:g}}}\\selectfont\\setlength{{\\tabcolsep}}{{3pt}}"
        f"\\captionsetup{{font=footnotesize}}\n\\input{{{table.name}.tex}}\\par\\endgroup"
    )
    return f"\\begin{{landscape}}\n{inside}\n\\end{{landscape}}" if across else f"{inside}\\bigskip"


def _figure(name: str, caption: str, alt: str) -> str:
    words = " ".join(alt.split())
    return (
        f"% Alternative text: {words}\n\\begin{{figure}}[htbp]\n\\centering\n"
        f"\\includegraphics[width=\\linewidth,height=.8\\textheight,keepaspectratio]{{{name}.png}}\n"
        f"\\caption{{{tex(caption)}}}\n\\end{{figure}}"
    )
