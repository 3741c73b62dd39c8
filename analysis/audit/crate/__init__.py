"""The evidence package: a Workflow Run RO-Crate, the author's half of a codecheck.yml, and a README.

`make crate` writes it. Of a restricted study it holds what `make release` gives out and no more; keyed hashes
tie that to the private run.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from analysis.audit import release
from analysis.audit.crate import codecheck, descriptions, keyed, metadata, readme
from analysis.audit.crate.evidence import CrateError, Evidence, gather, private
from analysis.runs.steps import Tell, silent
from analysis.study import Study

__all__ = ["CrateError", "Evidence", "doubtful", "gather", "keyed", "made", "metadata", "private", "zipped"]

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file of an archive: the first that the format knows."""


def made(evidence: Evidence) -> dict[str, bytes]:
    """The files of a crate by their place in it; the same bytes for the same record."""
    told = descriptions.of_files(evidence)
    pages = {codecheck.FILE: codecheck.template(evidence, told), readme.FILE: readme.page(evidence, told)}
    whole = replace(evidence, files=evidence.files | pages)
    return whole.files | {metadata.FILE: metadata.written(whole, told)}


def doubtful(study: Study, files: Mapping[str, bytes], tell: Tell = silent) -> pd.DataFrame:
    """What in the files of a restricted study's crate may tell of somebody, to be looked at.

    CrateError, if words or ids are in it that the study has not cleared. Code may name what looks like an id:
    it was not made from the data, so that is for people to judge.
    """
    return release.searched(study, files, CrateError, tell, ours="analysis/")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip archive that is the same for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, info in _infos(files):
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _infos(files: Mapping[str, bytes]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    for name in sorted(files):
        info = zipfile.ZipInfo(name, LONG_AGO)
        info.external_attr = 0o644 << 16
        yield name, info
