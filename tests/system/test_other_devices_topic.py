"""A valid device speaks on another's topic, and listens to what is meant for another."""

from tests.system.hall import HALL, SystemHall
from tests.system.intruder import with_the_certificate_of
from wire import topics
from wire.ids import DeviceId


def test_nothing_of_it_reaches_the_fleet_or_the_other(hall: SystemHall) -> None:
    victim = hall.talker("gate-victim")
    victim.say(10)
    hall.until_drained(victim)
    hall.provision("gate-nosy", "gate")
    envelopes = [envelope for _, envelope in victim.envelopes()]
    keypad = hall.keypads[0]
    with with_the_certificate_of(hall, "gate-nosy") as nosy:
        nosy.subscribe(*topics.device_filters(HALL, DeviceId("gate-victim")), topics.ingest_filter(HALL))
        for envelope in envelopes[:3]:
            nosy.send(hall.up("gate-victim"), envelope + b"?")
            nosy.send(hall.up(keypad), envelope)
            nosy.send(topics.down(HALL, DeviceId("gate-victim"), topics.Down.ACK), envelope)
            nosy.send(topics.broadcast(HALL, topics.All.BALLOT), envelope)
    victim.say(10)
    with with_the_certificate_of(hall, "gate-nosy") as nosy:
        # genuine bytes of the victim on a topic that is the thief's own: no name is taken for another's
        def counted() -> bool:
            nosy.publish(hall.up("gate-nosy"), envelopes[0])
            return "unknown-signer" in hall.drops("gate-nosy")

        hall.until(counted, "the borrowed record is counted")
    hall.until_drained(victim)
    assert hall.drops("gate-victim") == {}
    assert hall.drops(keypad) == {}
    assert victim.runtime.counters.drops.total() == 0
    assert hall.stored("gate-nosy") == []
    hall.vote("yes")
    victim.stop()
