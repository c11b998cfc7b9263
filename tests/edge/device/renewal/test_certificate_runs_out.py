"""How long the certificate lasts is seen by the hall and by whoever checks the device, and never tells of a
press."""

import pytest

from edge.ballot_keypad.__main__ import main
from edge.device.health import Counters, Gauges, readings
from edge.device.start import _look_after_certificate, identity_words
from tests.edge.device.hall_desk import Hall
from tests.servers.waiting import wait_until

NOTHING = Gauges(None, None, None)


def said(counters: Counters, *, secret_open: bool) -> dict[str, int]:
    return readings(counters, NOTHING, last_seq=0, marked_seq=0, uptime_s=0, secret_open=secret_open)


def test_days_left_are_a_reading_once_they_are_known() -> None:
    counters = Counters()
    assert "certificate-days" not in said(counters, secret_open=False)
    counters.certificate_days = -3
    assert said(counters, secret_open=False)["certificate-days"] == -3
    assert "certificate-days" not in said(counters, secret_open=True)


def test_check_says_where_the_key_lives_and_until_when(
    hall: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = hall.folder()
    assert main(["check", str(folder.path)]) == 0
    assert "key in a file; identity.crt lasts until 20" in capsys.readouterr().out


def test_check_says_what_is_wrong_with_a_certificate(hall: Hall) -> None:
    folder = hall.folder()
    (folder.path / "ca.crt").write_bytes((folder.path / "root.crt").read_bytes())
    assert identity_words(folder) == "key in a file; identity.crt was not issued by the authority in ca.crt"


def test_a_running_device_reports_its_days_from_the_first_minute_on(hall: Hall, device, recorder) -> None:
    runtime = device.start(recorder)
    _look_after_certificate(hall.folder(), runtime, lambda: 0)
    wait_until(lambda: not runtime._inbox.empty(), "the renewal's thread has looked")
    device.settle()
    assert runtime.counters.certificate_days is not None
    for close in runtime._closers:
        close()
