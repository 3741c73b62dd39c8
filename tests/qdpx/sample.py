"""A project of invented interviews that has something of everything."""

from qdpx.project import Case, Code, Coding, Graph, Group, Link, Note, Passage, Project, Source, at

FIRST = """I: How does a day on the ward begin?
P1: Quietly 😀, or so we say. The night nurse tells what happened, and half of it I forget at once.
At nine the phones begin. Every café in town seems to have our number 🎉🎉, and nobody knows why.

I: And then?
P1: Then I am waiting for the doctor, who is waiting for the laboratory. Für die Übergabe bleibt kaum Zeit,
as my naïve colleague likes to say. Waiting is half of the work & nobody pays for it.
We have a board with the words 患者 第一 on it, “patients first”, and I believe it <on good days>.

I: What would help?
P1: A second phone. Somebody who listens. My neighbour 👩‍⚕️ brought soup last week, and I cried a bit.
A cafe\u0301 round the corner lends us chairs; that is what I call support.
My own children see me on Sundays. ]]> is what my son types when he is bored.
"""
SECOND = """I: You moved here from another town.
P2: Yes, in winter. The bus takes an hour, so I leave at five 🚌 and come home in the dark.
My mother looks after the little one; without her I could not work at all.

I: Whom do you ask when something is unclear?
P2: Ich frage die älteren Kolleginnen, they know everything. The head nurse has no time, she is always
waiting for somebody on the phone. 護士 長 is what the label on her door says, a gift of a patient.

I: Is there anything you would change?
P2: The rota. It comes on Friday evening for the Monday, and then my whole family is on the phone.
Somebody should ask us, that is all. Nobody has asked so far, you are the first 🙂 really.
"""
GROUP = """I: This is a round of two, please say your names.
P3: Number three. I work nights, and I like it: 静か is the word, I learnt it from a patient.
P4: Number four, days only. Nights are nothing for me 😴, I have two small boys at home.
P3: At night nobody calls, and whoever waits, waits in peace.
P4: And in the day everybody shouts. Häufig weiß ich nicht, who is in charge.
P3: Nobody is. That is the secret 🤫 of the house.
P4: My mother-in-law says the same of our family.
"""
CALL = """P1: Hello again, one more thing 📞 after the tape was off.
I: Please, go on.
P1: The soup. I should have said that I gave half of it to the night nurse.
"""
LEAFLET = """Übergabe – a leaflet for new staff
Page 1. Be on time 🕘 and bring a pencil.
Page 2. Ask the night nurse what happened. Do not wait for the doctor.
"""
BOTH = "K", "L"
HELP = "Support > Family"
ASKED = "Support > Colleagues"
WAITS = "Work > Waiting"
ROTA = "Work > Time > Rota"


def coded(*codes: str, by: str = "K") -> tuple[Coding, ...]:
    """One coder's codings."""
    return tuple(Coding(code, by) for code in codes)


def said(text: str, words: str, *codings: Coding, comment: str = "") -> Passage:
    """The passage of these words."""
    return Passage(*at(text, words), codings=codings, comment=comment)


CODES = (
    Code(
        "Work",
        codable=False,
        codes=(
            Code("Waiting", "Any time in which nothing can be done.\nNot: sleep.", "#FF8800"),
            Code("Time", "Hours & days", "#08F", codes=(Code("Rota", 'The "plan" of shifts'),)),
        ),
    ),
    Code(
        "Support",
        "Who helps, <how>",
        "#00AA44",
        codes=(Code("Family", codes=(Code("Time", "Hours with them"),)), Code("Colleagues", color="#aa00aa")),
    ),
    Code("In vivo: “patients first” 患者"),
)
VIVO = "In vivo: “patients first” 患者"


def _first() -> Source:
    both = Coding(WAITS, "K"), Coding(WAITS, "L")
    return Source(
        "P1.txt",
        FIRST,
        passages=(
            said(FIRST, "The night nurse tells what happened", *coded(ASKED)),
            said(FIRST, "nobody knows why", *coded("Work > Time", by="L")),
            said(FIRST, "I am waiting for the doctor, who is waiting for the laboratory", *both),
            said(
                FIRST, "waiting for the laboratory. Für die Übergabe bleibt kaum Zeit", *coded("Work > Time")
            ),
            said(FIRST, "Waiting is half of the work & nobody pays for it", *coded(WAITS, ROTA)),
            said(FIRST, "患者 第一 on it, “patients first”", *coded(VIVO), *coded(VIVO, by="L")),
            said(
                FIRST,
                "My neighbour 👩‍⚕️ brought soup last week",
                *coded("Support", by="L"),
                comment="The soup.",
            ),
            said(
                FIRST,
                "A cafe\u0301 round the corner lends us chairs; that is what I call support",
                *coded("Support"),
            ),
            said(FIRST, "My own children see me on Sundays", *coded(HELP, "Support > Family > Time")),
            said(FIRST, "Somebody who listens", comment="Nobody coded this.\nWhy?"),
            Passage(codings=coded("Support", by="L")),
        ),
        comment="A quiet room, after the shift.",
    )


def _second() -> Source:
    return Source(
        "P2.txt",
        SECOND,
        passages=(
            said(
                SECOND,
                "The bus takes an hour, so I leave at five 🚌 and come home in the dark",
                *coded("Work > Time"),
            ),
            said(SECOND, "My mother looks after the little one", *coded(HELP), *coded(HELP, by="L")),
            said(SECOND, "Ich frage die älteren Kolleginnen", *coded(ASKED, by="L")),
            said(SECOND, "she is always\nwaiting for somebody on the phone", *coded(WAITS)),
            said(SECOND, "護士 長", *coded(VIVO)),
            said(
                SECOND,
                "The rota. It comes on Friday evening for the Monday",
                *coded(ROTA),
                *coded(ROTA, by="L"),
            ),
            said(SECOND, "my whole family is on the phone.\nSomebody should ask us", *coded(HELP, ASKED)),
            said(SECOND, "you are the first 🙂 really", *coded(VIVO, by="L")),
        ),
    )


def _group() -> Source:
    return Source(
        "Group.txt",
        GROUP,
        passages=(
            said(GROUP, "I work nights, and I like it: 静か is the word", *coded("Work > Time")),
            said(GROUP, "I have two small boys at home", *coded(HELP, by="L")),
            said(GROUP, "whoever waits, waits in peace", *coded(WAITS), *coded(WAITS, by="L")),
            said(GROUP, "Häufig weiß ich nicht, who is in charge", *coded(ASKED)),
            said(GROUP, "That is the secret 🤫 of the house", *coded(VIVO, by="L")),
            said(GROUP, "My mother-in-law says the same of our family", *coded(HELP)),
        ),
    )


def _media() -> tuple[Source, ...]:
    soup = at(CALL, "P1: The soup. I should have said that I gave half of it to the night nurse.")
    more = at(CALL, "one more thing 📞 after the tape was off.")
    return (
        Source(
            "Board.png",
            medium="picture",
            passages=(
                Passage(box=(10, 20, 110, 60), codings=coded(VIVO)),
                Passage(box=(0, 0, 400, 300), codings=coded("Support", by="L"), comment="All of the board."),
            ),
        ),
        Source(
            "Leaflet.pdf",
            LEAFLET,
            "PDF",
            (
                Passage(page=2, box=(10, 20, 110, 60), codings=coded(WAITS)),
                said(LEAFLET, "Be on time 🕘 and bring a pencil", *coded("Work > Time", by="L")),
                Passage(
                    *at(LEAFLET, "Do not wait for the doctor"), 2, (12, 30, 200, 44), codings=coded(WAITS)
                ),
            ),
        ),
        Source(
            "P1.m4a",
            CALL,
            "audio",
            (
                Passage(begin=1000, stop=2500, codings=coded("Support")),
                Passage(*soup, codings=coded(ASKED)),
                Passage(*more, codings=coded(VIVO, by="L")),
                Passage(codings=coded("Work > Time")),
            ),
            ((0, 0), (500, more[0]), (4000, more[1]), (6200, soup[0]), (9900, soup[1])),
        ),
        Source(
            "Round.mp4",
            medium="video",
            passages=(Passage(begin=0, stop=60000, codings=coded(WAITS, by="L")),),
        ),
        Source("Blank.txt"),
    )


def sample() -> Project:
    """Four participants, two coders, texts of many scripts, and a source of each medium."""
    return Project(
        "Ward study",
        BOTH,
        CODES,
        (
            Case("P1", {"gender": "female", "age": "41"}, ("P1.txt", "P1.m4a")),
            Case("P2", {"gender": "male", "age": "29"}, ("P2.txt",)),
            Case("P3", {"gender": "female"}, passages=("Group.txt#0", "Group.txt#2", "Group.txt#4")),
            Case(
                "P4", {"gender": "male", "age": "35"}, passages=("Group.txt#1", "Group.txt#3", "Group.txt#5")
            ),
        ),
        (_first(), _second(), _group(), *_media()),
        (
            Note("Plan", "Two coders read all of it,\nfirst alone & then together 🙂.", "K"),
            Note("On the phone", "It rings while we talk.", "L", "source", "P1.txt"),
            Note("On waiting", "Is <waiting> one code or two?", "K", "code", WAITS),
            Note("On the board", "Seen on the photograph.", "L", "passage", "P1.txt#5"),
        ),
        (
            Group("Interviews", sources=("P1.txt", "P2.txt")),
            Group("Hours", codes=(WAITS, "Work > Time", ROTA), notes=("On waiting",)),
        ),
        (Link("shows", ("passage", "P1.txt#5"), ("source", "Board.png")),),
        (Graph("Map", (("code", WAITS), ("code", "Work > Time"), ("source", "P1.txt"))),),
        {"age": "Integer"},
        "Invented, for tests.",
    )
