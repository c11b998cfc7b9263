"""Badges that open nothing: each gets a sentence for the person, a code for the technician, a leaf for the
auditor; and the next good badge opens the door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.config import load_signer
from tests.system.gate import SystemGate, add_people, issue_badges, stays
from tests.system.hall import CONGRESS, SystemHall
from wire.envelope import Purpose, seal
from wire.ids import CongressId, DeviceId, MemberRef
from wire.keys import Signer
from wire.signers import Ed25519Signer
from wire.up import Badge, badge_text, encode_up

REGISTRAR = DeviceId("registrar")
FAR_MS = 4_000_000_000_000
pytestmark = pytest.mark.parametrize("hall", ["nats"], indirect=True)


@pytest.fixture
def gate(hall: SystemHall, request: pytest.FixtureRequest) -> Iterator[SystemGate]:
    made = SystemGate(hall, f"gate-{request.node.originalname.removeprefix('test_').replace('_', '-')[:20]}")
    made.start()
    yield made
    made.stop()


def _badge(signer: Signer, member: str, congress: CongressId = CONGRESS, until_ms: int = FAR_MS) -> str:
    badge = Badge(congress, MemberRef(bytes.fromhex(member)), 7, until_ms)
    return badge_text(seal(encode_up(badge), Purpose.BADGE, signer))


def _is_turned_away(gate: SystemGate, text: str, code: str, sentence: str, leaf: str | None) -> None:
    seen = gate.badge(text)
    assert seen["decision"] != "Admitted", seen
    assert (seen["state"], seen["lamp"], seen["code"]) == ("secured", "amber", code), seen
    assert sentence in seen["lines"], seen
    assert gate.do("push") == {"passed": False}
    if leaf is not None:
        gate.until_alarmed(leaf)


def test_bad_badges_each_get_a_sentence(hall: SystemHall, gate: SystemGate) -> None:
    (guest,) = add_people(hall, 1, "Badge")
    (good,) = issue_badges(hall, guest.member)
    (lost,) = issue_badges(hall, guest.member)
    registrar = load_signer(hall.data, REGISTRAR)
    forger = Ed25519Signer(REGISTRAR, Ed25519PrivateKey.generate())
    pid = gate.pid

    usher = "This badge cannot be read."
    _is_turned_away(gate, _badge(forger, guest.member), "badge-unreadable", usher, "badge-forged")
    _is_turned_away(gate, good.text[:-8], "badge-unreadable", usher, None)
    _is_turned_away(gate, "https://example.org/menu", "badge-unreadable", usher, None)
    late = _badge(registrar, guest.member, until_ms=1_000_000_000_000)
    _is_turned_away(gate, late, "badge-expired", "This badge has expired.", "badge-expired")
    other = _badge(registrar, guest.member, CongressId("congress-of-others"))
    _is_turned_away(
        gate, other, "badge-other-congress", "This badge is for another congress.", "badge-other-congress"
    )
    gate.come_in(gate.badge(good.text), guest.member, "badge")
    _is_turned_away(
        gate, lost.text, "already-inside", "This badge has just been used.", "already-inside"
    )  # the other badge of the same person: it is they who are inside
    hall.api.post("/api/badges", {"members": [guest.member], "replace": True})
    gate.until(lambda now: _revoked(gate, lost.text, now), "refuses replaced badges")
    gate.until_drained()
    assert gate.passages() == [(guest.member, "badge")]
    assert sorted(set(gate.alarms())) == [
        "already-inside", "badge-expired", "badge-forged", "badge-other-congress", "badge-revoked",
    ]  # fmt: skip
    stays(gate, pid)
