"""A data folder as provisioning leaves it, and `hallward fleet ingest` as its own process over it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.servers.credentials import HallKeys
from tests.servers.waiting import wait_until
from wire.signers import Ed25519Signer, signer_from_pem

CONGRESS = "c-2026"


def make_data_folder(data: Path, keys: HallKeys, broker_port: int) -> None:
    """fleet.toml, keys/ and tls/ of a hall."""
    for folder in ("keys", "tls"):
        (data / folder).mkdir(parents=True)
    (data / "fleet.toml").write_text(
        f'hall = "{keys.hall}"\ncongress = "{CONGRESS}"\n\n[broker]\nport = {broker_port}\n'
    )
    for office in ("desk", "store"):
        pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (data / "keys" / f"{office}.key").write_bytes(pem)
    ingest = keys.credentials("ingest")
    for source, name in ((keys.authority_file, "ca.crt"), (ingest.certificate, "ingest.crt")):
        (data / "tls" / name).write_bytes(source.read_bytes())
    (data / "tls" / "ingest.key").write_bytes(ingest.key.read_bytes())


def office_signer(data: Path, office: str) -> Ed25519Signer:
    signer = signer_from_pem(office, (data / "keys" / f"{office}.key").read_bytes())
    assert isinstance(signer, Ed25519Signer)
    return signer


class RunningIngest:
    """The process; `log` is what it has said."""

    def __init__(self, data: Path, database_url: str) -> None:
        self.data, self._url = data, database_url
        self._process: subprocess.Popen[bytes] | None = None
        self._log_file = data / "ingest.log"

    @property
    def log(self) -> str:
        return self._log_file.read_text() if self._log_file.exists() else ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        code = (
            "import logging, sys, pathlib; from fleet.ingest.commands import run; "
            "logging.basicConfig(level='INFO', format='%(message)s'); "
            "sys.exit(run(pathlib.Path(sys.argv[1])))"
        )
        seen = self.log.count("Ingest is ready")
        with self._log_file.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code, str(self.data)],
                stdout=out,
                stderr=out,
                env={**os.environ, "HALLWARD_DATABASE_URL": self._url},
            )
        wait_until(lambda: self._says_ready(seen), "ingest to be ready")

    def _says_ready(self, seen: int) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        return self.log.count("Ingest is ready") > seen

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(60)

    def kill(self) -> None:
        """kill -9, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(60)
