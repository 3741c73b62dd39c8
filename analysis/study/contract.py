"""The tables of every study and their columns, as contract.json has them."""

import json
from pathlib import Path

CONTRACT = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
