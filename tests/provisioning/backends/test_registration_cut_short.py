"""Registration is broken off at any place, and run again: one device each, no key left behind."""

import pytest

from provisioning.backends.errors import BackendError, BadAnswer, Refused, Unreachable
from provisioning.backends.ports import NewUnit
from tests.provisioning.backends.balena_fake import BalenaFake, Reply
from tests.provisioning.backends.connected import Balena
from wire.ids import DeviceId

DEVICES = [DeviceId(f"keypad-{number}") for number in range(3)]
UNITS = [NewUnit(device) for device in DEVICES]


def registered(fake: BalenaFake) -> list[str]:
    return sorted(row["device_name"] for row in fake.tables["device"])


def test_a_batch_has_one_key_which_ends_with_it(fake: BalenaFake, balena: Balena) -> None:
    found = list(balena.backend.register(UNITS))
    assert [one.device for one in found] == DEVICES == registered(fake)
    assert len({one.secret for one in found}) == len({one.handle for one in found}) == 3
    assert len(fake.provisioning_keys) == 1
    assert not fake.tables["api_key"]


def test_its_key_ends_by_itself_within_the_hour(fake: BalenaFake, balena: Balena) -> None:
    batch = balena.backend.register(UNITS)
    next(batch)
    (key,) = fake.tables["api_key"]
    assert key["expiryDate"] == "2026-05-04T09:00:00Z"
    batch.close()
    assert not fake.tables["api_key"], "who stops in the middle takes the key away, too"


def test_all_known_asks_for_no_key(fake: BalenaFake, balena: Balena) -> None:
    list(balena.backend.register(UNITS))
    before = len(fake.asked)
    assert [one.new for one in balena.backend.register(UNITS)] == [False] * 3
    assert len(fake.asked) - before == 1


@pytest.mark.parametrize("place", ["/device/register", "/v7/device(", "/api-key/v1/", "/actor/v1/whoami"])
@pytest.mark.parametrize("body", [b"", b'"no"'])
def test_broken_off_anywhere_and_run_again(fake: BalenaFake, balena: Balena, place: str, body: bytes) -> None:
    done = [*balena.backend.register(UNITS[:1])]
    fake.say(place, Reply(500, body))
    with pytest.raises(BackendError):
        done += balena.backend.register(UNITS)
    assert not fake.tables["api_key"]
    assert len(list(balena.backend.register(UNITS))) == 3
    assert registered(fake) == DEVICES
    assert not fake.tables["api_key"]


def test_a_device_whose_key_never_reached_us_gets_another(fake: BalenaFake, balena: Balena) -> None:
    (first,) = balena.backend.register(UNITS[:1])
    (known,) = balena.backend.register(UNITS[:1])
    (again,) = balena.backend.register([NewUnit(DEVICES[0], key_lost=True)])
    assert known.secret is None
    assert again.secret not in (None, first.secret)
    assert again.handle == first.handle


@pytest.mark.parametrize("answer", [b"Unauthorized and more", b'"no key"', b"{}", b"null", b""])
def test_an_error_is_not_taken_for_a_key(fake: BalenaFake, balena: Balena, answer: bytes) -> None:
    fake.say("/api-key/v1/", Reply(200, answer))
    with pytest.raises(BadAnswer):
        list(balena.backend.register(UNITS))
    assert not registered(fake)


def test_a_key_that_is_left_is_named(fake: BalenaFake, balena: Balena) -> None:
    fake.say("/v7/api_key", Reply(500))
    with pytest.raises(Unreachable) as caught:
        list(balena.backend.register(UNITS))
    assert "'batch-0'" in caught.value.diagnostics()
    assert registered(fake) == DEVICES


def test_a_uuid_that_stands_in_another_fleet_is_refused(fake: BalenaFake, balena: Balena) -> None:
    list(balena.backend.register(UNITS[:1]))
    fake.device(DEVICES[0]).update(belongs_to__application=8)
    with pytest.raises(Refused, match="unique"):
        list(balena.backend.register(UNITS[:1]))


def test_secrets_do_not_show(balena: Balena) -> None:
    (first,) = balena.backend.register(UNITS[:1])
    assert first.secret
    assert first.secret not in repr(first)
