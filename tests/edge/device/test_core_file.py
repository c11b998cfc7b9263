"""A process that dies with a secret in its memory leaves it in no core file."""

import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import ctypes, os, resource, signal
from edge.device.adapters.process import leave_no_core
leave_no_core()
PR_GET_DUMPABLE = 3
dumpable = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
print(*resource.getrlimit(resource.RLIMIT_CORE), dumpable, flush=True)
os.kill(os.getpid(), signal.SIGABRT)
"""


def test_a_process_that_is_aborted_dumps_nothing_whoever_collects_core_files(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGABRT, done.stderr
    assert done.stdout.split() == [b"0", b"0", b"0"]
    assert list(tmp_path.iterdir()) == []
