"""The least a study can be: four tables of invented people, participants known, nothing printed."""

import json

TABLES = {
    "roster": "participant,ward,grade\nP1,North,junior\nP2,North,senior\nP3,South,junior\nP4,South,senior\n",
    "codebook": "code,parent,name\nwork,,Work\npace,work,Pace\nteam,work,Team\nhome,,Home\n",
    "excerpts": "excerpt,participant,text\n"
    'X1,P1,"The pace is hard, the pace never stops."\nX2,P1,The pace again.\n'
    "X3,P2,We are a good team here.\nX4,P3,A good team keeps the pace.\nX5,P4,I think of home.\n",
    "codings": "excerpt,code,coder\nX1,pace,K\nX1,pace,L\nX2,pace,K\nX3,team,K\nX4,team,K\nX4,pace,L\n",
}
PACKAGE = {
    "title": "Invented wards",
    "study": {"groupings": ["ward", "grade"], "uncoded_excerpts": "allowed"},
}


def write(raw):
    """The study as `data/raw/wards/`."""
    folder = raw / "wards"
    folder.mkdir(parents=True)
    (folder / "datapackage.json").write_text(json.dumps(PACKAGE))
    for table, text in TABLES.items():
        (folder / f"{table}.csv").write_text(text)
