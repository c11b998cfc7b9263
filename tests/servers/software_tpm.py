"""A TPM 2.0 without hardware: swtpm on loopback, behind the library that Debian has for real ones."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pkcs11
import pytest

from tests.servers.missing import skip_or_fail
from tests.servers.ports import free_port
from tests.servers.softhsm import PIN
from tests.servers.waiting import wait_until

TOKEN: Final = "tpm"
_SO_PIN: Final = "314159"


def module() -> Path | None:
    """Where the library is; None where it is not installed."""
    return next(Path("/usr/lib").glob("*/pkcs11/libtpm2_pkcs11.so"), None)


@pytest.fixture
def tpm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The module's path. Holds one token, TOKEN, that opens with PIN."""
    found = module()
    if found is None:
        skip_or_fail("libtpm2_pkcs11.so", "libtpm2-pkcs11-1 libtss2-tcti-swtpm0")
    for program, package in (("swtpm", "swtpm"), ("pkcs11-tool", "opensc")):
        if shutil.which(program) is None:
            skip_or_fail(program, package)
    (tmp_path / "tpm-state").mkdir()
    (tmp_path / "tpm-store").mkdir()
    port = _free_pair()
    words = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={tmp_path / 'tpm-state'}"]
    words += ["--server", f"type=tcp,port={port},disconnect", "--flags", "not-need-init,startup-clear"]
    words += ["--ctrl", f"type=tcp,port={port + 1}"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: _listens(port + 1), "swtpm runs")
            monkeypatch.setenv("TPM2_PKCS11_STORE", str(tmp_path / "tpm-store"))
            monkeypatch.setenv("TPM2_PKCS11_TCTI", f"swtpm:host=127.0.0.1,port={port}")
            monkeypatch.setenv("TPM2_PKCS11_LOG_LEVEL", "0")
            _say(found, "--init-token", "--slot-index", "0", "--label", TOKEN)
            _say(found, "--init-pin", "--login", "--login-type", "so", "--token-label", TOKEN, "--pin", PIN)
            pkcs11.lib(str(found)).reinitialize()
            yield found
        finally:
            pkcs11.unload(str(found))
            server.terminate()


def _free_pair() -> int:
    """A port with a free one after it: there the library looks for the control channel."""
    while True:
        port = free_port()
        if not _listens(port + 1):
            return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _say(library: Path, *words: str) -> None:
    command = ["pkcs11-tool", "--module", str(library), *words, "--so-pin", _SO_PIN]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
