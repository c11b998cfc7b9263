"""Another embedder: references of the old one are withheld, and a gate never compares across models."""

from dataclasses import replace

import pytest

from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.trial.agreement import Glance, Pair, Rules, agree
from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.rig import Rig, page_of
from tests.edge.rollcall_gate.synthetic import EMBEDDER, at_angle, member
from tests.edge.rollcall_gate.updates.glances import face

NEW = EmbedderId(bytes(reversed(EMBEDDER.model_sha256)), EMBEDDER.runtime)
LAN = member(1)


def looks(embedder: EmbedderId) -> list[Sample]:
    """The same face as the reference, three times, as that embedder sees it."""
    return [Sample(at_angle(0, embedder=embedder), quality=0.9, bona_fide=0.9)] * 3


def started_with(rig: Rig, embedder: EmbedderId) -> Rig:
    """The same gate after a restart; the fleet sends the roster again, with the references that it has."""
    again = replace(rig, embedder=embedder)
    again._generation, again._commands = rig._generation, rig._commands
    return again


@pytest.fixture
def rig() -> Rig:
    found = Rig()
    found.open_sitting()
    found.enrol((LAN, 0, at_angle(0)))
    return found


def old_roster(gate: Rig) -> None:
    """As the fleet sends it at each start, to whatever gate."""
    gate.say(page_of([(LAN, 0, at_angle(0))], EMBEDDER))


def test_references_of_the_old_one_are_withheld_from_the_first_start_of_the_new_one(rig: Rig) -> None:
    rig.walk(*looks(EMBEDDER))
    assert rig.seen["decision"] == "Admitted"
    after = started_with(rig, NEW)
    after.open_sitting()
    old_roster(after)
    assert after.seen["references"] == 0
    after.walk(*looks(NEW))
    assert after.seen["decision"] == "NoMatch"
    assert "references-refused" in after.alarms()


def test_people_come_by_badge_meanwhile(rig: Rig) -> None:
    after = started_with(rig, NEW)
    after.open_sitting()
    old_roster(after)
    after.badge(LAN)
    assert after.seen["decision"] == "Admitted"
    assert after.seen["method"] == "badge"


def test_a_probe_of_another_embedder_is_never_scored(rig: Rig) -> None:
    """Whatever brought it: a shadow run, or a pipeline that was mixed up."""
    gallery = rig.gate._holdings.roster.gallery
    with pytest.raises(ValueError, match="different models"):
        gallery.score(at_angle(0, embedder=NEW), LAN)


def test_nor_is_one_in_a_shadow_run() -> None:
    """The same numbers from two embedders: they agree or not by what each says of its own two faces."""
    pairs = [
        Pair(
            Glance(0, face(), probe=at_angle(degrees)),
            Glance(0, face(), probe=at_angle(180 - degrees, embedder=NEW)),
        )
        for degrees in (0, 5)
    ]
    assert agree(pairs[1], pairs[0], Rules())
    assert pairs[0].before.probe is not None
    assert pairs[0].after.probe is not None
    assert float(pairs[0].before.probe.vector @ pairs[0].after.probe.vector) == pytest.approx(-1)


def test_after_a_return_the_old_references_hold_again(rig: Rig) -> None:
    after = started_with(rig, NEW)
    old_roster(after)
    assert after.seen["references"] == 0
    back = started_with(after, EMBEDDER)
    back.open_sitting()
    old_roster(back)
    assert back.seen["references"] == 1
    back.walk(*looks(EMBEDDER))
    assert back.seen["decision"] == "Admitted"
    assert back.seen["method"] == "face"


def test_a_birth_says_of_which_embedder_the_references_are(rig: Rig) -> None:
    for embedder in (EMBEDDER, NEW):
        held = started_with(rig, embedder).runtime.holds
        assert held["embedder"] == embedder.model_sha256.hex()
