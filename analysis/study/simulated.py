"""A study whose truth is known: invented people who say what a declaration makes them likely to say.

The declaration is in the study's own `datapackage.json`, under `study.simulation`. The people are drawn
from the interviewees that the published record lists, borough by borough, in the numbers that its
interviews imply. Whatever they say is invented and says so.
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis.study.record import Study

CODERS = ("coder 1", "coder 2")
WORDS = {
    "opening": ["People here say", "It seems to me", "We were told", "I keep hearing", "Most days I think"],
    "middle": ["that nothing on this ward", "that the team in this story", "that a meeting we made up"],
    "ending": ["ever took place.", "is only an example.", "was thought up for a test.", "belongs to nobody."],
}
"""Sentences put together from these cannot be mistaken for anybody's."""
OF_RESPONSES = 4
"""Sets the chance of the responses apart from all others: tables that were there keep their bytes."""
COMMENTS = {
    "that is so": "[Simulated comment.] So it goes in this story.",
    "not so": "[Simulated comment.] In this story it went otherwise.",
    "it depends": "[Simulated comment.] On which page of this story one looks.",
}
"""What nobody said in no workshop."""


def tables(declared: dict[str, Any], record: Study) -> dict[str, pd.DataFrame]:
    """The raw tables of the simulated study, by name; the same for the same declaration and record.

    `declared` has `seed`; `excerpts`, the least and the most that a person says; `chances`, for every code
    at the bottom and every site the chance that an excerpt speaks of it; `roles`, by how much a role group
    multiplies them; `clustering`, the weight of a person's own leaning (a chance p becomes a draw from a
    beta distribution with parameters p × clustering and (1 − p) × clustering: small is strong);
    `coder_error`, the chance that a coder judges a code on an excerpt wrongly; and `responses`, how many
    people each workshop has, and for each theme that is taken back to them the chance of each answer.
    """
    rng = np.random.default_rng(declared["seed"])
    _check(declared, record)
    roster = _people(record, rng)
    documents, attended = _interviews(record, roster)
    leanings = _leanings(declared, roster, rng)
    said, truth = _said(declared, attended, leanings, rng)
    return {
        "roster": roster.drop(columns="role_group"),
        "interviews": record.interviews,
        "roles": record.roles,
        "documents": documents,
        "codebook": record.codebook.drop(columns="printed_in"),
        "excerpts": _with_texts(said, truth, roster, rng),
        "codings": _coded(truth, declared["coder_error"], rng),
        "responses": _responses(declared),
    }


def declared_alpha(chance: np.ndarray, error: float) -> np.ndarray:
    """Krippendorff's alpha that two coders reach in a large study who each err with chance `error`.

    They differ with chance 2e(1 − e); by accident, with q the share of judgements that use the code, with
    chance 2q(1 − q). Source: Krippendorff (2011), for two observers and binary data, as units grow many.
    """
    used = chance * (1 - error) + (1 - chance) * error
    return 1 - error * (1 - error) / (used * (1 - used))


def _check(declared: dict[str, Any], record: Study) -> None:
    """A declaration that names an unknown code or leaves out a site would simulate something else."""
    bottom = {*record.codebook["code"]} - {*record.codebook["parent"].dropna()}
    sites = {*record.interviews[record.site]}
    unknown = sorted(declared["chances"].keys() - bottom)
    partly = sorted(code for code, by_site in declared["chances"].items() if by_site.keys() != sites)
    groups = sorted(declared["roles"].keys() - {*record.roles["role_group"]})
    themes = sorted(declared["responses"]["chances"].keys() - {*record.themes})
    for what, found in (
        ("no codes at the bottom of the codebook", unknown),
        (f"codes without exactly one chance for each of {', '.join(sorted(sites))}", partly),
        ("no role groups", groups),
        ("no themes", themes),
    ):
        if found:
            raise ValueError(f"study.simulation: these are {what}: {', '.join(found)}")


def _people(record: Study, rng: np.random.Generator) -> pd.DataFrame:
    """As many people a site as its interviews imply, each drawn from those whom the record lists there."""
    drawn = []
    for site in record.interviews.itertuples():
        name = getattr(site, record.site)
        listed = record.roster[record.roster[record.site] == name]
        people = int(site.interviews - site.group_interviews + site.group_participants)
        rows = rng.choice(len(listed), people, p=(listed["n"] / listed["n"].sum()).to_numpy(float))
        drawn.append(listed.iloc[np.sort(rows)])
    people = pd.concat(drawn, ignore_index=True)
    ids = [f"P{number:03d}" for number in range(1, len(people) + 1)]
    return people[[record.site, "service", "role", "role_group"]].assign(participant=ids)[
        ["participant", record.site, "service", "role", "role_group"]
    ]


def _interviews(record: Study, roster: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """The interviews in their order, group interviews first as printed, and who was in which."""
    rows, attended = [], {}
    for site in record.interviews.itertuples():
        people = [*roster.loc[roster[record.site] == getattr(site, record.site), "participant"]]
        sizes = [int(size) for size in str(site.group_sizes).split(";")]
        sizes += [1] * int(site.interviews - site.group_interviews)
        for size in sizes:
            here, people = people[:size], people[size:]
            name = f"I{len(rows) + 1:02d}"
            kind = "group interview" if size > 1 else "interview"
            rows.append((name, kind, len(rows) + 1, "; ".join(here)))
            attended |= dict.fromkeys(here, name)
    documents = pd.DataFrame(rows, columns=["document", "kind", "order", "participants"])
    return documents, pd.Series(attended, name="document")


def _leanings(declared: dict[str, Any], roster: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """How likely each person is to speak of each code: participants × codes."""
    site = next(name for name in roster if name not in ("participant", "service", "role", "role_group"))
    factor = roster["role_group"].map(declared["roles"]).fillna(1).to_numpy(float)
    likely = {
        code: (roster[site].map(by_site).to_numpy(float) * factor).clip(0.01, 0.99)
        for code, by_site in declared["chances"].items()
    }
    chances = pd.DataFrame(likely, index=pd.Index(roster["participant"]))
    weight = declared["clustering"]
    return chances.apply(lambda chance: rng.beta(chance * weight, (1 - chance) * weight))


def _said(
    declared: dict[str, Any], attended: pd.Series, leanings: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The excerpts with their speakers, and of which codes each truly speaks: excerpts × codes."""
    least, most = declared["excerpts"]
    counts = rng.integers(least, most + 1, len(leanings))
    speakers = leanings.index.repeat(counts)
    ids = pd.Index([f"X{number:03d}" for number in range(1, len(speakers) + 1)], name="excerpt")
    truth = pd.DataFrame(rng.random((len(ids), leanings.shape[1])), ids, leanings.columns)
    truth = truth < leanings.loc[speakers].to_numpy()
    said = pd.DataFrame({"excerpt": ids, "participant": speakers, "document": speakers.map(attended)})
    return said, truth


def _with_texts(
    said: pd.DataFrame, truth: pd.DataFrame, roster: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    role = said["participant"].map(roster.set_index("participant")["role"])
    parts = [rng.choice(words, len(said)) for words in WORDS.values()]
    codes = [", ".join(truth.columns[row]).replace("-", " ") for row in truth.to_numpy()]
    texts = [
        f"[Simulated {name}: {of or 'nothing in particular'}.] {opening} {middle} {ending}"
        for name, of, opening, middle, ending in zip(role, codes, *parts, strict=True)
    ]
    lengths = pd.Series(texts, said.index).str.len() + 1  # a line break between two excerpts
    end = lengths.groupby(said["document"]).cumsum() - 1
    return said.assign(speaker=role.str.capitalize(), text=texts, start=end - lengths + 1, end=end)


def _coded(truth: pd.DataFrame, error: float, rng: np.random.Generator) -> pd.DataFrame:
    """What each coder put where: the truth, but for errors made independently of each other."""
    parts = []
    for coder in CODERS:
        judged = truth ^ (rng.random(truth.shape) < error)
        pairs = judged.stack()
        parts.append(pairs[pairs].index.to_frame(index=False).assign(coder=coder))
    codings = pd.concat(parts).set_axis(["excerpt", "code", "coder"], axis=1)
    return codings.sort_values(["excerpt", "code", "coder"], ignore_index=True)


def _responses(declared: dict[str, Any]) -> pd.DataFrame:
    """What invented workshops answered, theme by theme, and for about one answer in two a comment."""
    asked = declared["responses"]
    rng = np.random.default_rng([declared["seed"], OF_RESPONSES])
    rows = []
    for workshop, people in asked["workshops"].items():
        for code, chances in asked["chances"].items():
            given = rng.multinomial(people, [chances[answer] for answer in COMMENTS])
            commented = rng.integers(2, size=len(COMMENTS))
            for answer, count, says in zip(COMMENTS, given, commented, strict=True):
                if count:
                    rows.append((code, workshop, answer, int(count), COMMENTS[answer] if says else None))
    return pd.DataFrame(rows, columns=["code", "workshop", "answer", "people", "comment"])
