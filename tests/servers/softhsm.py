"""A PKCS #11 token without hardware: SoftHSM, with its tokens in a test's own folder.

The library reads SOFTHSM2_CONF when it is initialised and stays in the process: `tokens` has it read anew, so
that each test meets its own tokens and no other's.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pkcs11
import pytest

from tests.servers.missing import skip_or_fail

MODULE: Final = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN: Final = "271828"


def make_token(label: str, pin: str = PIN) -> None:
    """In the folder of `tokens`; before the library looks."""
    words = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "314159"]
    subprocess.run(words, check=True, capture_output=True, timeout=20)


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The module's path. Make tokens before anything opens it, or call `see_new_tokens` after."""
    if shutil.which("softhsm2-util") is None or not MODULE.exists():
        skip_or_fail("softhsm2-util", "softhsm2")
    folder = tmp_path / "softhsm"
    (folder / "tokens").mkdir(parents=True)
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    make_token("hallward")
    see_new_tokens()
    return MODULE


def see_new_tokens() -> None:
    """Every session of this process ends with it."""
    pkcs11.lib(str(MODULE)).reinitialize()
