"""Why there is nothing to hand in."""

from analysis import FailedError


class HandinError(FailedError):
    """Why nothing is handed in."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.add_note("Nothing was written, and an earlier hand-in is as it was.")
