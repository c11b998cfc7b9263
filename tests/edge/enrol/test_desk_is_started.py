"""`enrol serve`: what is wrong with its words is said before a page is open."""

import socket
from pathlib import Path

import pytest

from edge.device.errors import ConfigError
from edge.enrol.__main__ import main
from edge.enrol.adapters.desk_server import hosts_of, listen
from edge.enrol.adapters.fleet_api import open_client
from edge.enrol.adapters.key_file import KEY_FILE
from edge.enrol.adapters.sealed_shelf import SealedShelf
from edge.enrol.commands import camera_of
from edge.enrol.consent import consent_texts, read_text
from tests.edge.enrol.desk_under_test import DeskUnderTest
from tests.fleet.hall_under_test import members_of
from wire.ids import CongressId

pytestmark = pytest.mark.slow


def serve(
    folder: Path, models: Path, *more: str, congress: str = "congress-1", fleet: str = "http://127.0.0.1:1"
) -> int:
    words = ["serve", str(folder), "--congress", congress, "--models", str(models), "--fleet", fleet]
    return main([*words, *more])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--congress", "Not A Name"], "--congress"),
        (["--name", "Not A Name"], "--name"),
        (["--camera", "simulated:x"], "--camera"),
        (["--camera", "/dev/video0"], "--camera"),
        (["--fleet", "http://hall.example"], "in the clear"),
        (["--fleet", "ftp://127.0.0.1"], "address"),
        (["--fleet", "http://127.0.0.1:x"], "address"),
        (["--port", "99999"], "--port"),
    ],
)
def test_wrong_words_are_named(
    tmp_path: Path, models_folder: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert serve(tmp_path / "station", models_folder, *more) == 78
    assert said in capsys.readouterr().err


def test_a_taken_port_is_named(
    tmp_path: Path, models_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve(tmp_path / "station", models_folder, "--port", str(port)) == 78
    assert f"--port {port}: another program has it" in capsys.readouterr().err


def test_a_folder_of_photographs_stands_in_for_a_camera(photographs: Path) -> None:
    open_camera = camera_of(f"recorded:{photographs / 'obama'}", lambda: 7)
    assert open_camera is not None
    camera = open_camera()
    frame = camera.read()
    camera.close()
    assert frame is not None
    assert frame.captured_ms == 7
    assert camera_of(None, lambda: 7) is None


def test_missing_models_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(tmp_path / "station", tmp_path / "none") != 0
    assert "none" in capsys.readouterr().err


def test_the_station_and_the_key_of_another_congress_are_refused(
    desk: DeskUnderTest, photographs: Path, models_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    member = members_of(desk.hall, desk.hall.client("secretariat"), ["Nguyễn Thị Đào"])[0]
    desk.sign_in()
    desk.enrol(member, photographs / "obama/obama_1.jpg")
    desk.stop()
    assert serve(desk.folder, models_folder, congress="congress-2") == 78
    assert "not of congress-2" in capsys.readouterr().err
    (desk.folder / KEY_FILE).write_bytes(b"k" * 32)
    assert serve(desk.folder, models_folder) == 78
    assert "content.key is not the key" in capsys.readouterr().err
    # The folder was given back each time.
    SealedShelf(desk.folder, CongressId("congress-1")).close()


def test_the_page_is_on_this_machine_alone() -> None:
    listener = listen(0)
    host, port = listener.getsockname()
    listener.close()
    assert host == "127.0.0.1"
    with listen(0) as other:
        assert hosts_of(other) == {
            f"127.0.0.1:{other.getsockname()[1]}",
            f"localhost:{other.getsockname()[1]}",
        }
    assert port > 0


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    with open_client("http://127.0.0.1:8080/") as client:
        assert str(client.base_url) == "http://127.0.0.1:8080"
        assert not client.trust_env


def test_a_certificate_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", "ascii")
    for path in (tmp_path / "ca.pem", tmp_path / "none.pem"):
        with pytest.raises(ConfigError, match="--fleet-ca"):
            open_client("https://hall.example", path)


def test_the_texts_of_consent_agree_in_their_version_and_say_what_they_must() -> None:
    texts = consent_texts()
    assert {text.version for text in texts.values()} == {"1"}
    assert len({len(text.blocks) for text in texts.values()}) == 1
    for words in ("badge", "server", "gate", "at any time"):
        assert words in texts["en"].words.lower()
    with pytest.raises(ConfigError, match="version"):
        read_text("en", b"# Consent\n\nWithout one.\n")
