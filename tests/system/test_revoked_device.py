"""A device's certificate is taken back in the middle of a sitting."""

import time

from tests.system.hall import SystemHall

KICKED_S = 2.0


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
    accepted = [seq for seq, _, verdict in hall.stored("gate-stolen") if verdict == "ok"]
    assert accepted == list(range(1, 21))
    leaf = hall.rows("SELECT leaf_index FROM records WHERE kind = 'revocation/1' ORDER BY leaf_index")
    assert leaf
    hall.audited()
    assert "Traceback" not in hall.fleet_log()[since:]
    for talker in (stolen, honest):
        talker.stop()
