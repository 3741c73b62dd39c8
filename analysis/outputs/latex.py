"""Tables as LaTeX, with longtable and the rules of booktabs."""

import re

from analysis.outputs.paper import PaperTable, spans

LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "|": r"\textbar{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "[": "{[}", "]": "{]}", "*": "{*}",
    "`": r"\textasciigrave{}",
}  # fmt: skip
"""What LaTeX reads as a command or joins to another sign. A bracket or star behind a row's end counts."""


LINE, WRAPPED = 80, r">{\raggedright\arraybackslash}p{\dimexpr\linewidth-2\tabcolsep}"
"""Signs of a heading over rows that stand on a line, and the column of a longer one."""
PACKAGES = ("array", "booktabs", "caption", "longtable")


def latex(table: PaperTable) -> bytes:
    """A longtable with booktabs rules, ragged to the right."""
    columns = table.columns
    shape = "".join(
        f">{{\\raggedright\\arraybackslash}}p{{\\dimexpr {width:.3f}\\linewidth-2\\tabcolsep}}"
        for width in table.shares()
    )
    heads = " & ".join(f"\\textbf{{{tex(heading)}}}" for heading in table.headings)
    lines = [
        "% Needs " + ", ".join(f"\\usepackage{{{package}}}" for package in PACKAGES),
        "\\renewcommand{\\arraystretch}{1.4}",
        f"\\begin{{longtable}}{{{shape}}}",
        f"\\caption*{{{tex(table.caption)}}}\\\\",
        f"\\toprule\n{heads} \\\\\n\\midrule\n\\endhead",
        "\\bottomrule\n\\endlastfoot",
    ]
    for heading, rows in table.blocks():
        if heading:
            over = "l" if len(heading) <= LINE else WRAPPED
            words = tex(re.sub(r"\n\s*\n", "\n", heading))  # no paragraph may end within
            lines.append(f"\\multicolumn{{{len(columns)}}}{{{over}}}{{\\textbf{{{words}}}}} \\\\")
        covers = {column: spans(rows, column, table.merged) for column in columns}
        for place, (_, row) in enumerate(rows.iterrows()):
            cells = [tex(row[c]) if covers[c][place] else "" for c in columns]
            lines.append(" & ".join(cells) + " \\\\")
    lines.append("\\end{longtable}")
    note = [f"\\noindent {tex(table.note)}"] if table.note else []
    return ("\n".join([*lines, *note]) + "\n").encode()


def tex(text: str) -> str:
    """Text with every character that LaTeX reads as a command made harmless."""
    safe = re.sub("|".join(map(re.escape, LATEX)), lambda found: LATEX[found.group()], text)
    return re.sub("-(?=-)", "-{}", safe)  # else two hyphens would become a dash
