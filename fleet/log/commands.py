"""`hallward export` and `hallward audit`."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fleet import db
from fleet.config import load_config
from fleet.export import export
from fleet.recount import Pins, Progress, recount

_CLEAR: Final = "\r\x1b[K"


def run_export(data: Path, target: Path, environment: Mapping[str, str] = os.environ) -> int:
    """Write the hall log to a file; 0. Raises ConfigError, StoreError."""
    config = load_config(data)
    engine = db.open_engine(db.database_url(data, environment))
    try:
        count = export(engine, config, target)
    finally:
        engine.dispose()
    print(f"{count} leaves written to {target}.")
    return 0


def run_audit(
    path: Path, pins: Pins | None = None, progress: Progress | None = None, charter: Path | None = None
) -> int:
    """Audit such a file and say everything that was found: 0 complete, 1 faults, 3 consistent but not
    pinned. progress: told how many leaves are done; None: said on the terminal, if there is one. charter: the
    pinned one's file, for secret questions.
    """
    showing = progress is None and sys.stderr.isatty()
    report = recount(path, pins, _show if showing else progress, charter)
    if showing:
        print(_CLEAR, end="", file=sys.stderr, flush=True)
    for line in report.lines():
        print(line)
    return report.exit_code


def _show(leaves: int) -> None:
    print(f"{_CLEAR}{leaves} leaves checked …", end="", file=sys.stderr, flush=True)
