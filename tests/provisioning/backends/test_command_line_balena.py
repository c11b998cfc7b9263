"""`hallward provision balena …`: what a technician types, and what is said."""

import json
import stat
from pathlib import Path

import pytest

from provisioning.__main__ import main
from tests.provisioning.backends.balena_fake import TOKEN, BalenaFake, Reply

pytestmark = pytest.mark.slow


@pytest.fixture
def balena(fake: BalenaFake, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which balena, as words."""
    monkeypatch.setenv("BALENA_API_KEY", TOKEN)
    return ["--host", fake.host, "--fleet", "hall/keypads"]


def test_register_writes_one_secret_file_for_each_device(
    balena: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys, names = tmp_path / "keys", tmp_path / "names"
    names.write_text("keypad-1\nkeypad-2\n\nkeypad-1\n")
    words = ["balena", "register", *balena, "--keys", str(keys), "--devices", str(names)]
    assert main(words) == 0
    first = {path.name: path.read_bytes() for path in keys.iterdir()}
    assert set(first) == {"keypad-1.json", "keypad-2.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
    fields = json.loads(first["keypad-1.json"])
    said = capsys.readouterr().out
    assert "2 of them new" in said
    assert fields["uuid"] in said
    assert fields["deviceApiKey"] not in said

    (keys / "keypad-2.json").unlink()
    assert main(words) == 0
    assert "0 of them new" in capsys.readouterr().out
    assert (keys / "keypad-1.json").read_bytes() == first["keypad-1.json"]
    assert (
        json.loads((keys / "keypad-2.json").read_bytes())["uuid"]
        == json.loads(first["keypad-2.json"])["uuid"]
    )


def test_variables_of_fleet_and_device(
    fake: BalenaFake, balena: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    fake.add_device("keypad-1")
    assert main(["balena", "variables", "HALLWARD_DESK_HOST", "desk.hall", *balena]) == 0
    assert main(["balena", "variables", "ROW", "7", "--device", "keypad-1", *balena]) == 0
    assert main(["balena", "variables", "BALENA_HOST_CONFIG_gpu_mem", "16", *balena]) == 0
    capsys.readouterr()
    assert main(["balena", "variables", *balena]) == 0
    shown = "fleet BALENA_HOST_CONFIG_gpu_mem=16\nfleet HALLWARD_DESK_HOST=desk.hall\nkeypad-1 ROW=7\n"
    assert capsys.readouterr().out == shown
    assert fake.tables["application_config_variable"]
    for name in ("HALLWARD_DESK_HOST", "BALENA_HOST_CONFIG_gpu_mem"):
        assert main(["balena", "variables", name, "--remove", *balena]) == 0
    assert main(["balena", "variables", "ROW", "--remove", "--device", "keypad-1", *balena]) == 0
    capsys.readouterr()
    assert main(["balena", "variables", *balena]) == 0
    assert capsys.readouterr().out == ""


def test_tags(fake: BalenaFake, balena: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    fake.add_device("keypad-1")
    assert main(["balena", "tags", "place", "hàng 1, ghế 2", "--device", "keypad-1", *balena]) == 0
    assert main(["balena", "tags", *balena]) == 0
    assert capsys.readouterr().out.endswith("keypad-1 place=hàng 1, ghế 2\n")
    assert main(["balena", "tags", "place", "x", *balena]) == 78


def test_pin_the_fleet_a_device_and_follow_again(
    fake: BalenaFake, balena: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    fake.add_device("keypad-1")
    (fleet,) = fake.tables["application"]
    assert main(["balena", "pin", "1.1.0", *balena]) == 0
    assert (fleet["should_be_running__release"], fleet["should_track_latest_release"]) == (22, False)
    assert main(["balena", "pin", "1.0.0", "--device", "keypad-1", *balena]) == 0
    assert fake.device("keypad-1")["is_pinned_on__release"] == 21
    assert main(["balena", "pin", "--newest", "--device", "keypad-1", *balena]) == 0
    assert fake.device("keypad-1")["is_pinned_on__release"] is None
    assert main(["balena", "pin", "--newest", *balena]) == 0
    assert fleet["should_track_latest_release"] is True
    assert "the fleet: follows the newest" in capsys.readouterr().out


def test_state_of_all_and_of_one(
    fake: BalenaFake, balena: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    fake.add_device("keypad-1")
    fake.add_device("keypad-2", is_online=False, overall_status="updating", overall_progress=30)
    assert main(["balena", "state", *balena]) == 0
    said = capsys.readouterr().out
    assert "keypad-2" in said
    assert "updating 30 %" in said
    assert "2 devices, 1 online, 1 not" in said
    assert main(["balena", "state", "keypad-1", *balena]) == 0
    assert capsys.readouterr().out.startswith(
        "keypad-1: Downloading, 42 %, update waits, runs 111111111111\n"
    )


def test_history_of_one_that_has_none(
    fake: BalenaFake, balena: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    fake.add_device("keypad-1")
    assert main(["balena", "history", "keypad-1", *balena]) == 0
    assert "nothing is known of keypad-1 in the last 7 days" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (["state", "keypad-9"], "no-such-device", 1),
        (["state", "keypad-2"], "device-offline", 1),
        (["state", "keypad-3"], "update-locked", 1),
        (["pin", "7.7.7"], "no-such-release", 1),
        (["pin"], "config-error", 78),
        (["pin", "1.0.0", "--newest"], "config-error", 78),
        (["variables", "ADMIN_PASSWORD", "x"], "config-error", 78),
        (["variables", "LANG"], "config-error", 78),
        (["history", "keypad-1", "--days", "0"], "config-error", 78),
        (["register", "--keys", "keys"], "config-error", 78),
        (["tags", "--devices", "missing"], "config-error", 78),
    ],
)
def test_every_failure_has_a_sentence_and_a_code(
    fake: BalenaFake,
    balena: list[str],
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: str,
    status: int,
) -> None:
    fake.add_device("keypad-1")
    fake.add_device("keypad-2", is_online=False)
    fake.locked.add(fake.add_device("keypad-3"))
    assert main(["balena", *words, *balena]) == status
    said = capsys.readouterr().err
    assert said.startswith("hallward: ")
    assert said.endswith(f" [{code}]\n")
    assert "Traceback" not in said


def test_a_limit_that_is_too_long_is_told_and_the_token_is_not(
    fake: BalenaFake, balena: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    fake.say("/v7/", Reply(429, TOKEN.encode(), {"Retry-After": "3600"}))
    assert main(["balena", "state", *balena]) == 1
    said = capsys.readouterr().err
    assert "wait 3600 s" in said
    assert TOKEN not in said


def test_names_in_a_list_are_checked_by_line(
    balena: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "names"
    names.write_text("keypad-1\nKeypad Two\n")
    assert main(["balena", "tags", "--devices", str(names), *balena]) == 78
    assert "line 2: 'Keypad Two'" in capsys.readouterr().err


def test_a_name_on_the_command_line_is_checked(balena: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["balena", "state", "../../etc", *balena])
    assert caught.value.code == 2
    assert "no name of a device" in capsys.readouterr().err


def test_the_project_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["balena", "project", str(tmp_path / "fleet"), "--kind", "keypad"]) == 0
    assert (tmp_path / "fleet" / "keypad" / "Dockerfile.template").exists()
    assert "balena push" in capsys.readouterr().out
