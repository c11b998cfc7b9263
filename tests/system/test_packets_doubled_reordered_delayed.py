"""A network that doubles, reorders, holds back and loses what it is given."""

from tests.system.hall import SystemHall
from tests.system.intruder import Disorder, HostileLink


def test_every_record_is_stored_once_and_in_order(hall: SystemHall) -> None:
    links: list[HostileLink] = []

    disorder = Disorder(seed=7)

    def hostile(honest: object) -> HostileLink:
        links.append(HostileLink(honest))  # type: ignore[arg-type]  # the talker gives its MqttLink
        links[0].tamper = disorder
        return links[0]

    talker = hall.talker("gate-disorder", link=hostile)
    talker.say(120)
    hall.until(lambda: talker.marked >= 100, "records get through the disorder")
    assert disorder.sent > 200
    links[0].tamper = None
    talker.say(20)
    hall.until_drained(talker)
    hall.audited()
    talker.stop()
