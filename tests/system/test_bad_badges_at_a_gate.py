"""Badges that open nothing: each gets a sentence for the person, a code for the technician, a leaf for the
auditor; and the next good badge opens the door."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.system.conftest import HallFactory
from tests.system.gate import Station, SystemGate, add_people, issue_badges, stays
from tests.system.hall import CONGRESS, SystemHall
from tests.system.one_broker import ON_ONE_BROKER
from wire.envelope import Purpose, seal
from wire.ids import CongressId, DeviceId, MemberRef
from wire.keys import Signer
from wire.signers import Ed25519Signer, signer_from_pem
from wire.up import Badge, badge_text, encode_up

REGISTRAR = DeviceId("registrar")
FAR_MS = 4_000_000_000_000


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


@ON_ONE_BROKER
def test_each_gets_a_sentence_a_code_and_a_leaf(hall: SystemHall) -> None:
    guest, loser = add_people(hall, 2, "Badge")
    good, lost = issue_badges(hall, guest.member, loser.member)
    hall.api.post("/api/badges", {"members": [loser.member], "replace": True})
    registrar = signer_from_pem(REGISTRAR, (hall.data / "keys" / "desk.key").read_bytes())
    forger = Ed25519Signer(REGISTRAR, Ed25519PrivateKey.generate())
    gate = SystemGate(hall, "gate-bad-badges")
    gate.start()
    pid = gate.pid

    unreadable = "This badge cannot be read."
    _is_turned_away(gate, _badge(forger, guest.member), "badge-unreadable", unreadable, "badge-forged")
    _is_turned_away(gate, good.text[:-8], "badge-unreadable", unreadable, None)
    _is_turned_away(gate, "https://example.org/menu", "badge-unreadable", unreadable, None)
    late = _badge(registrar, guest.member, until_ms=1_000_000_000_000)
    _is_turned_away(gate, late, "badge-expired", "This badge has expired.", "badge-expired")
    other = _badge(registrar, guest.member, CongressId("congress-of-others"))
    sentence = "This badge is for another congress."
    _is_turned_away(gate, other, "badge-other-congress", sentence, "badge-other-congress")
    _is_turned_away(gate, lost.text, "badge-revoked", "This badge is no longer valid.", "badge-revoked")
    gate.come_in(gate.badge(good.text), guest.member, "badge")
    again = _badge(registrar, guest.member)
    _is_turned_away(gate, again, "already-inside", "This badge has just been used.", "already-inside")

    gate.until_drained()
    assert gate.passages() == [(guest.member, "badge")]
    assert gate.alarms() == [
        "badge-forged", "badge-expired", "badge-other-congress", "badge-revoked", "already-inside",
    ]  # fmt: skip
    stays(gate, pid)
    gate.stop()


def test_references_of_another_model_open_nothing_and_people_come_by_badge(
    private_hall: HallFactory,
) -> None:
    hall = private_hall()
    station = Station(hall)
    gate = SystemGate(hall, "gate-other-model")
    # Whoever converted the model anew and enrolled again, without telling the gates.
    body = {**station.embedder, "model_sha256": "ab" * 32, "references": station.bodies()}
    hall.api.post("/api/references", body)
    station.wrap(gate.name)
    first = station.people[0]
    (badge,) = issue_badges(hall, first.member)
    gate.start(references=0)
    gate.until_alarmed("references-refused")
    assert first.probe is not None
    gate.refuses(first.probe)
    gate.come_in(gate.badge(badge.text), first.member, "badge")
    assert "enrol again, or install the same" in gate.said()
    gate.until_drained()
    assert gate.passages() == [(first.member, "badge")]
