"""`hallward fleet updates …` from keys to a running listener, in the words an operator reads."""

import contextlib
import io
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleet.__main__ import main
from fleet.api.commands import init
from fleet.config import FleetConfig, load_config
from fleet.updates import online
from fleet.updates.keys import DIRECTOR, IMAGE_ONLINE, load_key
from release import repository
from release.folder import ReleaseFolder
from tests.fleet.updates.released import DAY_MS, Released, models
from tests.release.making import make_release, officers_of
from tests.servers.credentials import HallKeys
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from wire.ids import CongressId, HallId


@pytest.fixture
def released(tmp_path: Path) -> Released:
    """A fleet in a folder made by init, and a release for it, by the time of this machine."""
    data = tmp_path / "fleet"
    wanted = FleetConfig(
        data, HallId("hall-1"), CongressId("c-1"), updates_host="127.0.0.1", updates_port=free_port()
    )
    init(wanted, say=lambda _: None, environment={})
    assert main(["updates", "keys", "--data", str(data)]) == 0
    found = Released(data, tmp_path / "stick", time.time_ns() // 1_000_000, officers_of())
    make_release(
        found.folder,
        officers=found.officers,
        online=load_key(data, IMAGE_ONLINE).public_key,
        director=load_key(data, DIRECTOR).public_key,
        files=[models("gate-1.tar")],
        now=online.moment(found.now_ms),
    )
    return found


def run(released: Released, *words: str) -> int:
    return main(["updates", *words, "--data", str(released.data)])


def test_from_keys_to_what_is_published(released: Released, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(released, "keys") == 0
    assert "director.pub.json" in capsys.readouterr().out
    assert run(released, "status") == 1
    assert "holds no release yet" in capsys.readouterr().out
    assert run(released, "import", str(released.folder)) == 1
    said = capsys.readouterr().err
    assert f"--root-sha256 {released.root_sha256}" in said
    assert said.strip().endswith("[release-refused]")
    assert run(released, "import", str(released.folder), "--root-sha256", released.root_sha256) == 0
    assert "1 file is published:\n  models/gate-1.tar  1.1" in capsys.readouterr().out
    path, content, said_of_it = models("gate-2.tar", 2)
    draft = io.BytesIO(content)
    repository.put(ReleaseFolder(released.folder), path, draft, said_of_it, online.moment(released.now_ms))
    assert run(released, "import", str(released.folder)) == 0
    said = capsys.readouterr().out
    assert "1 file is published:" in said
    assert "Not published, since officers must sign it first: 2.models" in said
    assert run(released, "status") == 0
    said = capsys.readouterr().out
    assert "models/gate-1.tar  version 1.1, counter 1, for gate-pi5" in said
    assert "EXPIRED" not in said
    assert run(released, "extend", "100") == 0
    assert "stays in force until" in capsys.readouterr().out
    for hours in ("200", "0", "-1", "9" * 14):
        assert run(released, "extend", hours) == 78
        assert "hours from now: 1 to 168" in capsys.readouterr().err


def test_what_ends_soon_and_what_has_ended_is_said_with_who_mends_it(
    released: Released, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    released.take_in()
    for days, words in ((80, "soon; have the officers sign"), (95, "EXPIRED, devices take nothing")):
        moment_ns = (released.now_ms + days * DAY_MS) * 1_000_000
        monkeypatch.setattr(time, "time_ns", lambda moment_ns=moment_ns: moment_ns)
        assert run(released, "status") == 1
        said = capsys.readouterr().out
        assert words in next(line for line in said.splitlines() if line.startswith("targets"))
        assert "`hallward fleet updates serve` signs it anew" in said


@pytest.mark.parametrize(
    "source", ["https://[", "http://centre", "https://centre:99999", "https://c\udce9", "https://"]
)
def test_a_source_that_is_none_is_refused(
    released: Released, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    assert run(released, "mirror", "--from", source) == 78
    assert "--from must be https://HOST:PORT or a folder" in capsys.readouterr().err


def test_a_mirror_from_a_folder(
    released: Released, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    released.take_in()
    hall = tmp_path / "hall"
    init(FleetConfig(hall, HallId("hall-2"), CongressId("c-1")), say=lambda _: None, environment={})
    words = ["updates", "mirror", "--data", str(hall), "--from", str(released.data / "updates")]
    assert main(words) == 1
    assert main([*words, "--root-sha256", released.root_sha256]) == 0
    capsys.readouterr()
    assert main(["updates", "status", "--data", str(hall)]) == 0
    assert "models/gate-1.tar" in capsys.readouterr().out
    assert main([*words, "--key", "x"]) == 78
    assert main(["updates", "serve", "--data", str(hall)]) == 78
    assert "set host (and port) in [updates]" in capsys.readouterr().err


def test_a_listener_without_certificates_says_how_to_get_them(
    released: Released, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(released, "serve") == 78
    assert "server.crt is missing, and updates.host is set" in capsys.readouterr().err
    with socket.socket() as other:
        other.bind(("127.0.0.1", load_config(released.data).updates_port))
        other.listen()
        assert run(released, "serve") == 78
    said = capsys.readouterr().err
    assert "updates.host 127.0.0.1, updates.port" in said
    assert "another program has this port" in said
    (released.data / "keys/director.key").unlink()
    assert run(released, "serve") == 78
    assert "director.key is missing" in capsys.readouterr().err


@pytest.mark.slow
def test_the_listener_is_a_process_that_starts_signs_and_stops(released: Released, tmp_path: Path) -> None:
    released.now_ms -= DAY_MS * 2 // 3
    released.take_in()
    before = online.timestamp_of(released.shelf)
    keys = HallKeys(tmp_path)
    tls = released.data / "tls"
    tls.mkdir()
    for name, path in (
        ("ca.crt", keys.authority_file),
        ("server.crt", keys.server.certificate),
        ("server.key", keys.server.key),
    ):
        (tls / name).write_bytes(path.read_bytes())
    port = load_config(released.data).updates_port
    words = [sys.executable, "-m", "fleet", "updates", "serve", "--data", str(released.data)]
    with (tmp_path / "said").open("wb") as said, subprocess.Popen(words, stdout=said, stderr=said) as process:
        try:
            context = ssl.create_default_context(cafile=str(keys.authority_file))
            wait_until(lambda: answers(port, context), "the port is open")
            wait_until(lambda: online.timestamp_of(released.shelf) != before, "signed anew")
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) in {0, -signal.SIGTERM}, (tmp_path / "said").read_text()
    said_text = (tmp_path / "said").read_text()
    assert f"updates are served at 127.0.0.1:{port}" in said_text
    assert "keyid" not in said_text


def answers(port: int, context: ssl.SSLContext) -> bool:
    """Whether TLS is spoken there, under the hall's authority."""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), 1) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1"),
    ):
        return True
    return False
