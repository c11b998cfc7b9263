"""`hallward export` and `hallward audit`."""

import os
from collections.abc import Mapping
from pathlib import Path

from fleet import db
from fleet.config import load_config
from fleet.export import export
from fleet.recount import Pins, Progress, recount


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


def run_audit(path: Path, pins: Pins | None = None, progress: Progress | None = None) -> int:
    """Audit such a file and say everything that was found: 0 complete, 1 faults, 3 consistent but not
    pinned.
    """
    report = recount(path, pins, progress)
    for line in report.lines():
        print(line)
    return report.exit_code
