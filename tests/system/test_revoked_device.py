"""A device's certificate is taken back in the middle of a sitting."""

import signal
import time
from collections.abc import Callable, Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from edge.device.ports import Link
from hallward.demo.api import ApiError
from provisioning.errors import AuthorityError
from tests.system.hall import SystemHall
from tests.system.hammer import Hammer
from tests.system.intruder import HostileLink
from wire.ids import DeviceId

KICKED_S = 2.0
WATCHED_S = 5.0
"""For so long nobody is let in again, of some hundred who knock."""
RECORDS = 1200
HammerMaker = Callable[[str], Hammer]


@pytest.fixture
def hammer(hall: SystemHall) -> Iterator[HammerMaker]:
    """With records that are genuine, signed in order, and said by nobody yet."""
    made: list[Hammer] = []

    def make(name: str) -> Hammer:
        links: list[HostileLink] = []

        def tampered(link: Link) -> HostileLink:
            links.append(HostileLink(link))
            return links[-1]

        owner = hall.talker(name, link=tampered)
        owner.say(1)
        # mosquitto lets in whom it does not know yet, and swallows what they say
        hall.until_drained(owner)
        links[-1].tamper = _nothing
        owner.say(RECORDS)
        envelopes = [envelope for _, envelope in owner.envelopes()]
        owner.stop()
        made.append(Hammer(hall, name, envelopes))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def _nothing(topic: str, payload: bytes) -> list[bytes]:
    del topic, payload
    return []


def accepted(hall: SystemHall, name: str) -> list[int]:
    return [seq for seq, _, verdict in hall.stored(name) if verdict == "ok"]


def after_the_leaf(hall: SystemHall, name: str) -> list[str]:
    """Verdicts of this device's records behind its revocation."""
    query = (
        "SELECT verdict FROM records WHERE device = :device AND leaf_index > (SELECT max(leaf_index) "
        "FROM records WHERE kind = 'revocation/1') ORDER BY leaf_index"
    )
    return [str(verdict) for (verdict,) in hall.rows(query, device=name)]


def test_it_is_thrown_out_and_stays_out_and_everybody_else_goes_on(hall: SystemHall) -> None:
    stolen, honest = hall.talker("gate-stolen"), hall.talker("gate-honest")
    for talker in (stolen, honest):
        talker.say(20)
    hall.until_drained(stolen, honest)
    since = len(hall.fleet_log())
    hall.revoke("gate-stolen")
    began_s = time.monotonic()
    hall.until(lambda: not stolen.connected, "the broker throws it out", KICKED_S)
    assert time.monotonic() - began_s <= KICKED_S
    stolen.say(30)
    honest.say(30)
    hall.until_drained(honest)
    hall.vote("yes")
    assert honest.runtime.counters.reconnects == 0
    assert not stolen.connected
    assert accepted(hall, "gate-stolen") == list(range(1, 21))
    leaf = hall.rows("SELECT leaf_index FROM records WHERE kind = 'revocation/1' ORDER BY leaf_index")
    assert leaf
    hall.audited()
    assert "Traceback" not in hall.fleet_log()[since:]
    for talker in (stolen, honest):
        talker.stop()


def test_one_that_hammers_is_out_within_two_seconds_and_never_gets_in_again(
    hall: SystemHall, hammer: HammerMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    hammering = hammer("gate-hammer")
    hall.until(lambda: len(accepted(hall, "gate-hammer")) > 20, "its records are accepted")
    began_s = time.monotonic()
    hall.revoke("gate-hammer")
    told_s = time.monotonic()
    hall.until(lambda: not hammering.is_in, "the broker throws it out", KICKED_S)
    gone_s = hammering.left_s[-1]
    stands = accepted(hall, "gate-hammer")
    hall.until(lambda: time.monotonic() > gone_s + WATCHED_S, "it has knocked for a while")
    hammering.stop()
    knocks = [moment for moment in hammering.refused_s if moment > gone_s]
    with capsys.disabled():
        print(  # noqa: T201  # what is measured
            f"\n{hall.kind}: thrown out {gone_s - told_s:.2f} s after the revocation was answered, "
            f"{gone_s - began_s:.2f} s after it was typed; refused {len(knocks)} times since"
        )
    assert gone_s - told_s <= KICKED_S
    assert hammering.entered_s[-1] < gone_s
    assert len(knocks) > 10
    assert accepted(hall, "gate-hammer") == stands
    assert set(after_the_leaf(hall, "gate-hammer")) <= {"revoked"}
    hall.vote("yes")
    hall.audited()


def test_while_the_broker_is_not_told_ingest_refuses_it_all_the_same(
    hall: SystemHall, hammer: HammerMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever watches the registry for the broker is held: the broker goes on to let it in."""
    hammering = hammer("gate-untold")
    hall.until(lambda: len(accepted(hall, "gate-untold")) > 20, "its records are accepted")
    hall.processes.signal("fleet", signal.SIGSTOP)
    try:
        hall.revoke("gate-untold")
        told_s = time.monotonic()
        hall.until(lambda: "revoked" in after_the_leaf(hall, "gate-untold"), "one is refused", KICKED_S)
        took_s = time.monotonic() - told_s
        count = len(after_the_leaf(hall, "gate-untold"))
        hall.until(lambda: len(after_the_leaf(hall, "gate-untold")) > count + 20, "more are refused")
        assert hammering.is_in, "nobody told the broker"
        assert set(after_the_leaf(hall, "gate-untold")) == {"revoked"}
    finally:
        hall.processes.signal("fleet", signal.SIGCONT)
    hall.until(lambda: not hammering.is_in, "the broker is told, and throws it out", KICKED_S)
    with capsys.disabled():
        print(f"\n{hall.kind}: ingest refused its next record {took_s:.2f} s after the answer")  # noqa: T201
    hammering.stop()
    hall.vote("yes")
    hall.audited()


def test_its_certificate_is_neither_renewed_nor_registered_again(hall: SystemHall) -> None:
    hall.provision("gate-gone", "gate")
    pem = hall.credentials("gate-gone").certificate.read_bytes()
    certificate = x509.load_pem_x509_certificate(pem)
    der = certificate.public_bytes(serialization.Encoding.DER)
    key = certificate.public_key()
    assert hall.authority.certificate_in_force(der) == "gate-gone"
    hall.revoke("gate-gone")
    assert hall.authority.certificate_in_force(der) is None
    with pytest.raises(AuthorityError, match="not in force"):
        hall.authority.renew(der, key)  # type: ignore[arg-type]  # Ed25519
    with pytest.raises(AuthorityError, match="another name"):
        hall.authority.issue_from_key(DeviceId("gate-gone"), key)  # type: ignore[arg-type]  # Ed25519
    sealing = hall.api.get("/api/devices/gate-gone")["sealing_key"]
    body = {"role": "gate", "place": "Door", "certificate": pem.decode(), "sealing_key": sealing}
    with pytest.raises(ApiError) as refused:
        hall.api.post("/api/devices", body)
    assert refused.value.status == 409
