"""Files of other tools, read as they are and turned into a study, with a report of what became of it all."""

import os
from pathlib import Path

REPLACED = "scratch/replaced"
"""Where a study goes that another takes the place of."""
KEYS = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "interview-study-notebooks"
"""Where keys of pseudonyms are kept: outside of the suite, so that nothing commits or cleans them away."""
