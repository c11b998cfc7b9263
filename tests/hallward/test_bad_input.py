"""Whatever is typed: one sentence that says what to do, the right exit code, never a traceback."""

import fcntl
import http.server
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge.device.start import SOFTWARE
from hallward.__main__ import GROUPS, main
from hallward.demo.hall import MARKER

KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def typed(*words: str, timeout_s: int = 150) -> tuple[int, str]:
    """Exit status and standard error of `hallward WORDS`."""
    done = subprocess.run(
        [sys.executable, "-m", "hallward", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    return done.returncode, done.stderr


def test_every_group_is_offered_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    offered = capsys.readouterr().out
    assert all(group in offered for group in GROUPS)


@pytest.mark.parametrize("group", ["fleet", "provision", "enrol", "models", "demo", "export", "audit"])
def test_every_group_has_help(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([group, "--help"])
    assert ended.value.code == 0
    assert "usage" in capsys.readouterr().out


def test_nothing_and_nonsense_are_wrong_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["votes"]) == 2
    assert "there is no 'votes'" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "status", "part"),
    [
        (("fleet", "serve", "--data", "{tmp}/none"), 78, "fleet.toml is missing"),
        (("fleet", "init", "--data", "{tmp}/new", "--hall", "Hall A", "--congress", "c"), 78, "hall must be"),
        (("fleet", "backup", "--data", "{tmp}/none", "{tmp}/b"), 1, "cannot be opened"),
        (("keypad", "run", "{tmp}/none"), 78, "device.toml is missing"),
        (("gate", "check", "{tmp}/none"), 78, "device.toml is missing"),
        (("audit", "{tmp}/none"), 78, "none"),
        (("audit", "{tmp}/none", "--desk", KEY), 78, "both keys"),
        (("audit", "{tmp}/none", "--desk", KEY, "--store", "zz"), 78, "64 hexadecimal"),
        (("demo", "--once", "--faces", "{tmp}/none"), 78, "not a folder"),
        (("demo", "--once", "--folder", "{tmp}/other"), 78, "holds other things"),
        (("demo", "--once", "--folder", "{tmp}/other/thesis.txt/demo"), 78, "name another one with --folder"),
    ],
)
def test_a_mistake_gets_one_sentence(tmp_path: Path, words: tuple[str, ...], status: int, part: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    found, said = typed(*(word.format(tmp=tmp_path) for word in words))
    assert found == status, said
    assert part in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    assert (tmp_path / "other" / "thesis.txt").read_text() == "mine"


@pytest.mark.slow
def test_a_terminal_without_our_letters_is_shown_codes() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "hallward", "trustee", "--help"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, b"")
    assert b"\\u" in found.stdout


def test_a_word_that_is_no_text_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever a group meets it: a name cannot be signed, hashed or sent that has no bytes."""
    monkeypatch.setattr("hallward.verbs.audit.run", lambda words: len(words[0].encode()))
    assert main(["audit", "\udce9"]) == 2
    assert (
        capsys.readouterr().err == "hallward: a word of the command is not in UTF-8; type it again [usage]\n"
    )


def test_a_taken_port_is_named_before_anything_is_left_running(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found, said = typed("demo", "--once", "--port", str(port), "--folder", str(tmp_path / "demo"))
    assert found == 78, said
    assert str(port) in said.strip().splitlines()[-1]
    assert "Traceback" not in said


class _Healthy(http.server.BaseHTTPRequestHandler):
    """Another fleet's API, as far as its health is concerned."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not in the tests' output."""


@pytest.mark.slow
def test_another_fleet_on_the_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Healthy) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        port = other.server_port
        found, said = typed("demo", "--once", "--port", str(port), "--folder", str(tmp_path / "demo"))
        other.shutdown()
    assert found == 78, said
    assert f"api.port {port}: another program has this port" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_running_demo_keeps_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "hall.db").write_text("records")
    with (folder / MARKER).open("w") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        assert main(["demo", "--once", "--folder", str(folder)]) == 1
    assert "a demo is running in" in capsys.readouterr().err
    assert (folder / "hall.db").read_text() == "records"


@pytest.mark.slow
def test_a_halls_data_is_for_its_user_alone(tmp_path: Path) -> None:
    data = tmp_path / "hall"
    status, said = typed("fleet", "init", "--data", str(data), "--hall", "h", "--congress", "c")
    assert status == 0, said
    open_to_others = [path for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077]
    assert not open_to_others


@pytest.mark.slow
def test_a_fleet_toml_field_out_of_range_is_named_with_its_range(tmp_path: Path) -> None:
    status, said = typed("fleet", "init", "--data", str(tmp_path), "--hall", "h", "--congress", "c")
    assert status == 0, said
    settings = tmp_path / "fleet.toml"
    settings.write_text(settings.read_text().replace("port = 8883", "port = 88830"))
    status, said = typed("fleet", "serve", "--data", str(tmp_path))
    assert status == 78
    assert "broker.port" in said
    assert "65535" in said
    assert "Traceback" not in said


def test_it_says_which_one_it_is_and_the_firmware_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{SOFTWARE}\n"
