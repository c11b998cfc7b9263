"""The desk as a process, over real TLS: killed in the middle, renewals by the certificate of the connection,
and its own command line."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509

from edge.device.errors import DeskRefused
from tests.browser.desk_hall import DeskHall, serial
from wire.enrol import RENEW_PATH, Grant, parse_answer


def _files(desk: DeskHall, device: str) -> tuple[Path, Path]:
    folder = desk.hall.device(device)
    return folder / "identity.crt", folder / "identity.key"


def _say(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hallward", "provision", *words], capture_output=True, text=True, check=False
    )


def test_a_desk_that_is_killed_knows_every_claim_when_it_is_back(desk: DeskHall) -> None:
    waiting = desk.device(serial())
    before = waiting.hello()
    desk.hall.processes.kill("desk")
    desk.start()
    again = desk.device(waiting.serial, key=waiting.key)
    again.request = waiting.request
    assert again.hello().code == before.code


def test_a_device_renews_over_its_own_certificate_until_it_is_revoked(desk: DeskHall) -> None:
    device, grant = desk.claimed(serial(), "")
    door = desk.connection(desk.renewal_port, _files(desk, grant.device))
    renewed = parse_answer(door.post(RENEW_PATH, device.renewal(grant.device)), Grant)
    before, after = (x509.load_der_x509_certificate(one.certificate) for one in (grant, renewed))
    assert after.public_key() == before.public_key()
    assert after.serial_number != before.serial_number
    assert door.intermediate.public_key() == desk.hall.authority.own.key.public_key()
    done = _say("revoke", grant.device, "--authority", str(desk.hall.authority.path))
    assert done.returncode == 0, done.stderr
    with pytest.raises(DeskRefused) as refused:
        door.post(RENEW_PATH, device.renewal(grant.device))
    assert (refused.value.reason, grant.device in refused.value.what) == ("revoked", True)


def test_nobody_without_a_certificate_reaches_the_renewal_listener(desk: DeskHall) -> None:
    device, grant = desk.claimed(serial(), "")
    with pytest.raises(Exception, match=r"certificate|answer"):
        desk.connection(desk.renewal_port).post(RENEW_PATH, device.renewal(grant.device))


def test_a_second_desk_on_the_same_folder_is_refused_in_a_sentence(desk: DeskHall) -> None:
    words = ["desk", "--authority", str(desk.hall.authority.path), "--fleet", "http://127.0.0.1:1"]
    done = _say(*words, "--account", "desk")
    assert done.returncode == 78
    assert "stop it" in done.stderr


def test_status_and_batch_say_in_words_what_is_done_and_left(desk: DeskHall) -> None:
    authority = ["--authority", str(desk.hall.authority.path)]
    device = desk.device(serial())
    device.hello()
    told = _say("status", *authority, device.serial)
    assert told.returncode == 0, told.stderr
    assert "[x] máy đã báo tin" in told.stdout
    assert "[ ] đã bấm nút trên máy" in told.stdout
    assert "scan the code" in told.stdout
    made = _say("batch", "new", *authority, "--hall", "hall-1", "--count", "3", "--hours", "4")
    assert made.returncode == 0, made.stderr
    name, token = made.stdout.split()[1].rstrip(":"), made.stdout.split("token ")[1].split()[0]
    listed = _say("batch", "list", *authority).stdout
    assert f"{name}  0 of 3 used" in listed
    assert token not in listed
    assert _say("batch", "revoke", name, *authority).returncode == 0
    assert "revoked" in _say("batch", "list", *authority).stdout
    assert (
        _say("batch", "new", *authority, "--hall", "hall-2", "--count", "3", "--hours", "4").returncode == 78
    )
    assert _say("status", *authority, "nobody").returncode == 78


def test_the_desk_ends_when_it_is_told_to(desk: DeskHall) -> None:
    desk.hall.processes.signal("desk", signal.SIGTERM)
    desk.hall.until(lambda: desk.hall.processes.ended("desk") is not None, "the desk ends")
    assert desk.hall.processes.ended("desk") == 0
    desk.start()
    assert "password" not in desk.said().lower()
