"""A witness of the congress, outside the hall's server: a process that cosigns, or a hand that does."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hallward.demo.congress import WITNESS, Congress
from hallward.demo.front import HttpsFront
from hallward.demo.officer import spawn


class WitnessPost:
    """data: of the fleet, for its certificates. store_key: hex, from the minutes. log: what it says."""

    def __init__(
        self, congress: Congress, hall: str, data: Path, api_port: int, store_key: str, log: Path
    ) -> None:
        self._officer = congress.officers[WITNESS]
        self._hall, self._authority, self._store_key, self._log = (
            hall,
            data / "tls" / "ca.crt",
            store_key,
            log,
        )
        self._front = HttpsFront(data / "tls", api_port)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """It lives as long as the thread that calls."""
        words = [
            "witness",
            "run",
            str(self._officer.folder),
            "--fleet",
            self._front.url,
            "--hall",
            self._hall,
        ]
        words += ["--ca", str(self._authority), "--store-key", self._store_key]
        with self._log.open("ab") as log:
            self._process = spawn(words, self._officer.passphrase, log)

    def stop(self) -> None:
        """It may be killed at any moment: what it signs is on its disk before it leaves."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()

    def close(self) -> None:
        self.stop()
        self._front.close()

    def note(self, checkpoint: Callable[[int], dict[str, Any]], path: Path) -> bytes:
        """The fleet's checkpoint, cosigned by hand, for a trustee who takes it from nobody else; the folder
        of a witness is for one command at a time. checkpoint: the fleet's, with its proof from that size.
        Raises ProcessDied when the witness does not sign."""
        self.stop()
        said = self._officer.do("witness", "state", self._officer.folder)
        size = re.search(rf"{re.escape(self._hall)}\D*(\d+)", said)
        path.write_text(json.dumps(checkpoint(int(size[1]) if size else 0)))
        self._officer.do("witness", "cosign", self._officer.folder, path, "--hall", self._hall)
        self.start()
        return path.with_name(f"{path.name}.{self._officer.name}").read_bytes()
