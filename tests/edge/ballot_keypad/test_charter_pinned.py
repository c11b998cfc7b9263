"""What is pinned in a keypad's folder: read at the start, checked by a technician, refused in words."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from ballot.seeds import fingerprint
from edge.ballot_keypad.__main__ import main
from edge.ballot_keypad.adapters.charter_file import read_charter
from edge.device.errors import ConfigError
from tests.ballot.board.election import CHARTER, CONGRESS, signer
from wire.ids import CongressId


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As provisioning makes it, with simulated hands."""
    key = signer("desk").public_key.raw.hex()
    (tmp_path / "device.toml").write_text(
        f'congress = "{CONGRESS}"\nhall = "hall-1"\ndevice = "keypad-01"\nrole = "keypad"\n'
        f'[broker]\nhost = "127.0.0.1"\nport = 8883\n[trust]\ndesk = "{key}"\nstore = "{key}"\n'
        "[simulated]\nhands = true\n"
    )
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "identity.key").write_bytes(pem)
    (tmp_path / "identity.key").chmod(0o600)
    for name in ("identity.crt", "ca.crt"):
        (tmp_path / name).write_text("-")
    return tmp_path


def test_a_check_reads_the_charter_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "charter").write_bytes(CHARTER.encode())
    assert main(["check", str(folder)]) == 0
    said = capsys.readouterr().out
    assert fingerprint(CHARTER.hash) in said
    assert CHARTER.fingerprint in said
    assert "libsodium: in order" in said


def test_a_keypad_without_a_charter_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(folder)]) == 0
    assert "takes part in no secret question" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no charter"),
        (CHARTER.encode()[:-1], "is no charter"),
        (replace(CHARTER, congress=CongressId("c9")).encode(), "is the charter of c9"),
    ],
)
def test_another_charter_is_refused_before_anything_runs(
    folder: Path, content: bytes, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "charter").write_bytes(content)
    assert main(["check", str(folder)]) == 78
    assert says in capsys.readouterr().err
    with pytest.raises(ConfigError, match="provision"):
        read_charter(folder, CONGRESS)


def test_a_display_that_does_not_answer_is_named_by_the_check(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "pin_factory", MockFactory())
    toml = folder / "device.toml"
    pins = "".join(
        f"{name}_pin = {at}\n" for at, name in enumerate(("yes", "no", "abstain", "ok", "clear"), 12)
    )
    text = toml.read_text().replace("hands = true", "hands = false")
    toml.write_text(f'{text}[keypad]\ndisplay = "ssd1322"\n{pins}')
    assert main(["check", str(folder)]) == 1
    assert "screen: the display ssd1322 does not answer" in capsys.readouterr().out
