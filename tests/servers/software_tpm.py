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
ATTEMPTS: Final = 10


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
    server, port = _started(tmp_path / "tpm-state")
    with server:
        try:
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


def _started(state: Path) -> "tuple[subprocess.Popen[bytes], int]":
    """The server and its port; the control channel is on the next one, where the library looks for it."""
    for _ in range(ATTEMPTS):
        port = free_port()
        if _listens(port + 1):
            continue
        words = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}"]
        words += ["--server", f"type=tcp,port={port},disconnect", "--ctrl", f"type=tcp,port={port + 1}"]
        words += ["--flags", "not-need-init,startup-clear"]
        server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: server.poll() is not None or _listens(port + 1), "swtpm runs or gives up")  # noqa: B023  # called here
        if server.poll() is None:
            return server, port
        server.wait()
    raise AssertionError("swtpm found no two free ports side by side")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _say(library: Path, *words: str) -> None:
    command = ["pkcs11-tool", "--module", str(library), *words, "--so-pin", _SO_PIN]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
