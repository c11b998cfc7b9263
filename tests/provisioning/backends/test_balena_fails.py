"""What balena, the network and devices do wrong, and whose fault the adapter says it is."""

import time
from datetime import UTC, timedelta

import pytest

from provisioning.backends.balena.patience import PAUSES_MAX, WAIT_S_MAX, pause_s, retry_after_s
from provisioning.backends.errors import (
    BackendError,
    BadAnswer,
    DeviceOffline,
    NoSuchDevice,
    NoSuchFleet,
    NoSuchRelease,
    NotAuthorized,
    RateLimited,
    Unreachable,
    UpdateLocked,
)
from provisioning.backends.ports import NewUnit
from tests.provisioning.backends.balena_fake import NOW, TOKEN, BalenaFake, Reply
from tests.provisioning.backends.connected import Balena, Connect
from wire.ids import DeviceId

SEAT = DeviceId("keypad-1")


def busy(header: str | None = None) -> Reply:
    return Reply(429, b"Too Many Requests", {} if header is None else {"Retry-After": header})


def test_waits_as_long_as_it_is_asked_to_and_goes_on(fake: BalenaFake, balena: Balena) -> None:
    fake.add_device(SEAT)
    fake.say("/v7/device", busy("7"), busy("Mon, 04 May 2026 08:00:11 GMT"), busy())
    assert [state.device for state in balena.backend.states()] == [SEAT]
    assert balena.pauses == [7, 11, 4]


@pytest.mark.parametrize("header", ["121", "86400", "Tue, 05 May 2026 08:00:00 GMT", "9" * 400])
def test_does_not_wait_beyond_its_bound_and_says_how_long_was_asked(
    fake: BalenaFake, balena: Balena, header: str
) -> None:
    fake.say("/v7/", busy(header))
    with pytest.raises(RateLimited) as caught:
        balena.backend.states()
    assert balena.pauses == []
    assert caught.value.retry_after_s is not None
    assert f"wait {caught.value.retry_after_s:.0f} s" in caught.value.diagnostics()


def test_gives_up_on_a_limit_that_does_not_end(fake: BalenaFake, balena: Balena) -> None:
    fake.say("/v7/", *[busy("1")] * 50)
    with pytest.raises(RateLimited):
        balena.backend.states()
    assert len(balena.pauses) == PAUSES_MAX
    assert sum(balena.pauses) <= WAIT_S_MAX


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "٣", "Mon, 99 May 2026 08:00:00 GMT"])
def test_an_unreadable_wish_is_none(header: str | None) -> None:
    assert retry_after_s(header, NOW) is None


def test_a_date_that_is_past_is_at_once() -> None:
    assert retry_after_s("Mon, 04 May 2026 07:00:00 GMT", NOW.astimezone(UTC)) == 0


def test_what_may_have_been_done_is_not_done_twice() -> None:
    assert pause_s("POST", 502, None, 0, 0) is None
    assert pause_s("PATCH", 502, None, 0, 0) == 1
    assert pause_s("POST", 429, None, 0, 0) == 1


def test_a_hiccup_of_the_server_is_waited_out(fake: BalenaFake, balena: Balena) -> None:
    fake.say("/v7/device", Reply(502, b"bad gateway"), Reply(503, b""))
    assert balena.backend.states() == []
    assert balena.pauses == [1, 2]


def test_server_errors_are_not_printed(
    fake: BalenaFake, balena: Balena, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.say("/v7/", Reply(500, b"stack trace"))
    with pytest.raises(Unreachable):
        balena.backend.states()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("reply", [Reply(silent=True), Reply(trickle=True)], ids=["silent", "trickle"])
def test_an_answer_that_does_not_come_is_given_up(fake: BalenaFake, connect: Connect, reply: Reply) -> None:
    slow = connect(timeout_s=0.1)
    fake.say("/v7/", *[reply] * 5)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        slow.backend.states()
    assert time.monotonic() - began < 5
    assert slow.pauses == [1, 2]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"d": 5}',
        b'{"d": [5]}',
        b'{"d": [{}]}',
        b'{"d": [{"id": true, "slug": "a", "is_for__device_type": []}]}',
        b'{"d": [{"id": "7; drop", "slug": "a", "is_for__device_type": [{"slug": "pi"}]}]}',
        b"\xff\xfe",
        b"[" * 200_000,
        b"<html>",
    ],
)
def test_an_answer_of_another_shape_is_not_believed(fake: BalenaFake, balena: Balena, body: bytes) -> None:
    fake.say("/v7/application", Reply(200, body))
    with pytest.raises(BadAnswer):
        balena.backend.states()


@pytest.mark.parametrize(
    "row",
    [
        {"device_name": None},
        {"overall_status": 5},
        {"is_online": "yes"},
        {"overall_progress": 250},
        {"overall_progress": float("nan")},
        {"last_connectivity_event": "yesterday"},
    ],
)
def test_a_device_with_a_field_of_another_kind_is_not_believed(
    fake: BalenaFake, balena: Balena, row: dict[str, object]
) -> None:
    fake.add_device(SEAT, **row)
    with pytest.raises(BadAnswer):
        balena.backend.states()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(302, b"", {"Location": "http://127.0.0.1:9/"}),
        Reply(200, b"\x1f\x8b", {"Content-Encoding": "gzip"}),
    ],
    ids=["sends us elsewhere", "packed"],
)
def test_neither_followed_nor_unpacked(fake: BalenaFake, balena: Balena, reply: Reply) -> None:
    fake.say("/v7/", reply)
    with pytest.raises(BadAnswer):
        balena.backend.states()


def test_a_wrong_token_is_never_shown(fake: BalenaFake, connect: Connect) -> None:
    token = "another-secret-token-42"
    wrong = connect(token=token)
    fake.say("/v7/", Reply(400, f'"bad bearer {token}"'.encode()))
    for _ in range(2):
        with pytest.raises(BackendError) as caught:
            wrong.backend.states()
        error: BaseException | None = caught.value
        while error is not None:
            assert token not in f"{error!r} {error} {vars(error)}"
            error = error.__cause__ or error.__context__
    assert isinstance(caught.value, NotAuthorized)


def test_no_such_fleet(connect: Connect) -> None:
    with pytest.raises(NoSuchFleet):
        connect(fleet="hall/nothing").backend.states()


@pytest.mark.parametrize("release", ["9.9.9", "1.2.0", "' or 1 eq 1 or '", "3" * 40])
def test_no_such_release_and_nothing_is_pinned(fake: BalenaFake, balena: Balena, release: str) -> None:
    fake.add_device(SEAT)
    for devices in ([SEAT], None):
        with pytest.raises(NoSuchRelease):
            balena.backend.pin_to_release(release, devices)
    assert not [method for method, _ in fake.asked if method != "GET"]


def test_two_devices_of_one_name_are_not_guessed_at(fake: BalenaFake, balena: Balena) -> None:
    fake.add_device(SEAT)
    fake.add_device(SEAT)
    with pytest.raises(NoSuchDevice, match="2 devices"):
        balena.backend.pin_to_release("1.1.0", [SEAT])


def test_a_device_that_holds_its_lock_says_so(fake: BalenaFake, balena: Balena) -> None:
    fake.locked.add(fake.add_device(SEAT))
    with pytest.raises(UpdateLocked):
        balena.backend.supervisor(SEAT)


@pytest.mark.parametrize("status", [404, 500, 504])
def test_a_device_that_does_not_answer_is_offline(fake: BalenaFake, balena: Balena, status: int) -> None:
    fake.add_device(SEAT)
    fake.say("/supervisor", Reply(status, b"No online device(s) found"))
    with pytest.raises(DeviceOffline):
        balena.backend.supervisor(SEAT)


def test_an_error_of_the_supervisor_is_no_state(fake: BalenaFake, balena: Balena) -> None:
    fake.add_device(SEAT)
    fake.say("/supervisor", Reply(200, b'{"error": "Bad API response from supervisor"}'))
    with pytest.raises(BadAnswer):
        balena.backend.supervisor(SEAT)


def test_history_is_read_from_the_day_asked_for(fake: BalenaFake, balena: Balena) -> None:
    number = fake.add_device(SEAT)
    for began, release in (("2026-04-01T00:00:00.000Z", 21), ("2026-05-03T00:00:00.000Z", 22)):
        fake.tables["device_history"].append(
            {
                "id": fake.number(),
                "tracks__device": number,
                "created_at": began,
                "end_timestamp": None,
                "is_active": True,
                "is_running__release": release,
                "should_be_running__release": 22,
            }
        )
    since = NOW - timedelta(days=7, microseconds=-999_600)
    (episode,) = balena.backend.history(SEAT, since)
    assert episode.release == episode.should_run == "2" * 40
    assert "2026-04-27T08:00:00.0Z" in fake.asked[-1][1]


def test_a_registration_needs_a_person(fake: BalenaFake, balena: Balena) -> None:
    fake.actor_type = "application"
    with pytest.raises(NotAuthorized, match="person"):
        list(balena.backend.register([NewUnit(SEAT)]))
    assert TOKEN not in str(fake.asked)
