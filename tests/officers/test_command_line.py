"""The words of the command line lead to functions, and a real process asks for its passphrase safely."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ballot.adapters.libsodium import Libsodium
from ballot.ceremony.outcome import Done
from ballot.ceremony.state import Own, Stage
from ballot.documents.document import Document
from hallward.verbs import officer, trustee
from officers.ceremony.attend import take_seat
from officers.errors import ConfigError
from officers.keys.adapters.terminal import Terminal
from officers.keys.folder import OfficerFolder
from tests.officers.people import PASSPHRASE, Script, congress, means, quick

PLACES = [place for verbs in (officer.VERBS, trustee.VERBS) for place, _ in verbs.values()]


@pytest.mark.parametrize("place", PLACES)
def test_every_verb_leads_to_a_function(place: str) -> None:
    module, _, function = place.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_unknown_verb_and_no_verb_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert officer.run(["keyy"]) == 2
    assert officer.run([]) == 2
    assert trustee.run(["--help"]) == 0
    said = capsys.readouterr()
    assert "keyy" in said.err
    assert "ceremony" in said.out


def handed(content: bytes) -> Terminal:
    read, write = os.pipe()
    os.write(write, content)
    os.close(write)
    try:
        return Terminal(read)
    finally:
        os.close(read)


def test_passphrase_of_a_script_is_its_first_line() -> None:
    assert handed(PASSPHRASE.encode() + b"\nmore").passphrase("?") == PASSPHRASE
    assert handed(b"").passphrase("?") == ""


def test_passphrase_that_is_no_text_or_has_no_descriptor_is_told() -> None:
    with pytest.raises(ConfigError) as refused:
        handed(b"\xff\xfe")
    assert refused.value.why == "passphrase-fd"
    with pytest.raises(ConfigError):
        Terminal(9999)


@pytest.mark.slow
def test_real_process_makes_a_key_with_the_passphrase_from_a_descriptor(tmp_path: Path) -> None:
    """The whole way: no means handed in, Argon2id at its real cost, nobody at the terminal."""
    read, write = os.pipe()
    os.write(write, PASSPHRASE.encode() + b"\n")
    os.close(write)
    program = "import sys; from hallward.verbs.officer import run; sys.exit(run(sys.argv[1:]))"
    words = [
        "key",
        str(tmp_path / "an"),
        "--name",
        "an",
        "--congress",
        "dh-2026",
        "--passphrase-fd",
        str(read),
    ]
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        pass_fds=(read,),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(read)
    assert done.returncode == 0, done.stderr
    assert "an:" in done.stdout
    assert PASSPHRASE not in done.stdout
    assert (tmp_path / "an" / "identity.sealed").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "an").stat().st_mode & 0o777 == 0o700


def test_nothing_that_a_line_quotes_moves_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    handed(b"").say("bad answer: \x1b[2J\rsigned\u202e")
    assert capsys.readouterr().out == "bad answer: <U+001B>[2J<U+000D>signed<U+202E>\n"


def test_no_secret_stands_in_what_a_program_says_of_its_parts(tmp_path: Path) -> None:
    """A traceback, or a log of somebody in a hurry, shows the parts as `repr` gives them."""
    congress(tmp_path, 3, 2)
    folder, somebody = OfficerFolder(tmp_path / "giu-1", quick()), means(Script(secret="typed elsewhere"))
    seat = take_seat(folder, tmp_path, PASSPHRASE, Libsodium(), somebody)
    secret = 2**200 + 987_654_321
    done = Done(Own(bytes(32), 1, b"", False, Stage.RECORDED, b"", (), b""), Document("k", b""), secret)
    assert PASSPHRASE not in repr(seat)
    assert str(secret) not in repr(done)
