"""A device that is killed comes back to where it was: twin, commands, counters, notices, clock."""

import threading

from edge.device.clock import UNKNOWN_MS
from edge.device.errors import DeviceError
from wire.down import BallotNotice, CommandMessage, FreezeNotice, SittingNotice, TimeNotice, Twin
from wire.ids import QuestionId, SittingId
from wire.records import Alarm

HELLO = Alarm("test", "hello")
ONE, TWO = b"1" * 16, b"2" * 16
YEAR_MS = 366 * 86_400_000


def restart(device, recorder, **how):
    device.kill()
    return device.start(recorder, **how)


def test_records_of_a_cut_off_device_arrive_after_a_restart(device, fleet, recorder):
    runtime = device.start(recorder, connected=False)
    for _ in range(3):
        runtime.append(HELLO)
    restart(device, recorder)
    assert [record.seq for record in fleet.records] == [1, 2, 3]
    assert device.runtime.outbox.marked_seq == 3


def test_a_cable_pulled_and_plugged_in_again_loses_and_doubles_nothing(device, fleet, recorder):
    runtime = device.start(recorder)
    device.link.double = device.link.swap = True
    for _ in range(5):
        runtime.append(HELLO)
    device.link.cut()
    device.settle()
    for _ in range(5):
        runtime.append(HELLO)
    device.link.double = device.link.swap = False
    device.link.heal()
    device.settle()
    assert [record.seq for record in fleet.records] == list(range(1, 11))
    assert runtime.outbox.marked_seq == 10
    assert runtime.counters.reconnects == 1


def test_lost_records_are_sent_again_when_patience_ends(device, fleet, recorder):
    runtime = device.start(recorder)
    device.link.lose = lambda topic: topic.endswith("/rec")
    runtime.append(HELLO)
    device.link.lose = lambda _: False
    device.pass_ms(1500)
    assert fleet.records == []
    device.pass_ms(1000)
    assert len(fleet.records) == 1
    assert runtime.counters.go_backs == 1


def test_a_fleet_restored_from_a_backup_gets_everything_again(device, fleet, recorder):
    runtime = device.start(recorder)
    for _ in range(6):
        runtime.append(HELLO)
    device.settle()
    assert runtime.outbox.marked_seq == 6
    before = [record.seq for record in fleet.records]
    del fleet.records[2:], fleet.hashes[2:]
    fleet.store_id = type(fleet.store_id)(b"B" * 16)
    fleet.resend(3, runtime.outbox.epoch)
    device.settle()
    assert [record.seq for record in fleet.records] == before
    assert runtime.outbox.marked_seq == 6


def test_birth_is_said_on_every_connection_with_what_is_reported(device, fleet, recorder):
    runtime = device.start(recorder)
    assert fleet.births[0].reported == {}
    fleet.say(Twin({"seat": "A1", "colour": "red"}), "keypad-01", generation=8)
    device.settle()
    assert fleet.births[-1].reported == {"seat": "ok", "colour": "rejected: unknown key"}
    device.link.cut()
    device.link.heal()
    device.settle()
    assert len(fleet.births) == 3
    assert (fleet.births[-1].twin_generation, fleet.births[-1].boot) == (8, 1)
    assert runtime.counters.reconnects == 1


def test_the_twin_and_the_notices_in_force_survive_a_restart_without_network(device, fleet, recorder):
    device.start(recorder)
    notice = BallotNotice(SittingId("s1"), QuestionId("q1"), "open", "?", True)
    fleet.say(Twin({"seat": "A1", "member": b"m" * 16}), "keypad-01")
    fleet.say(notice)
    device.settle()
    runtime = restart(device, recorder, connected=False)
    assert runtime.twin == {"seat": "A1", "member": b"m" * 16}
    assert notice in device.firmware.down


def test_a_notice_that_expired_meanwhile_is_not_in_force_after_a_restart(device, fleet, clock, recorder):
    device.start(recorder)
    fleet.say(SittingNotice(SittingId("s1"), "open"), expires_in_ms=1000)
    device.settle()
    clock.pass_ms(2000)
    restart(device, recorder)
    assert device.firmware.down == []


def test_a_repeat_is_obeyed_once_after_a_restart_that_could_not_believe_it(device, fleet, clock, recorder):
    """The clock stood a year ahead at the start, so what was kept looked expired, until the hall told the
    time."""
    device.start(recorder)
    said = fleet.say(SittingNotice(SittingId("s1"), "open"))
    device.settle()
    clock.wall += YEAR_MS
    runtime = restart(device, recorder)
    fleet.publish(said)
    device.settle()
    assert device.firmware.down == []
    clock.wall -= YEAR_MS
    fleet.say(TimeNotice(clock.wall))
    clock.wall += YEAR_MS
    fleet.publish(said)
    fleet.publish(said)
    device.settle()
    assert device.firmware.down == [SittingNotice(SittingId("s1"), "open")]
    assert runtime.counters.drops == {"replayed": 1}


def test_a_command_is_done_once_though_repeated_and_restarted(device, fleet, recorder):
    device.start(recorder)
    said = fleet.say(CommandMessage(ONE, "identify", {}), "keypad-01")
    fleet.publish(said)
    fleet.say(CommandMessage(ONE, "identify", {}), "keypad-01")
    device.settle()
    assert device.firmware.commanded == [ONE]
    restart(device, recorder)
    fleet.say(CommandMessage(ONE, "identify", {}), "keypad-01")
    fleet.say(CommandMessage(TWO, "identify", {}), "keypad-01")
    device.settle()
    assert device.firmware.commanded == [TWO]


def test_an_expired_or_unknown_command_is_not_done(device, fleet, recorder):
    runtime = device.start(recorder)
    fleet.say(CommandMessage(ONE, "identify", {}), "keypad-01", expires_in_ms=-1)
    fleet.say(CommandMessage(TWO, "dance", {}), "keypad-01")
    device.settle()
    assert device.firmware.commanded == []
    assert runtime.counters.drops == {"replayed": 1}


def test_ids_of_expired_commands_are_forgotten(device, fleet, clock, recorder):
    runtime = device.start(recorder)
    fleet.say(CommandMessage(ONE, "identify", {}), "keypad-01", expires_in_ms=1000)
    device.settle()
    clock.pass_ms(5000)
    fleet.say(CommandMessage(TWO, "identify", {}), "keypad-01")
    device.settle()
    assert list(runtime.outbox.values("command/")) == [f"command/{TWO.hex()}"]


def test_a_frozen_key_keeps_its_value_through_a_restart_and_changes_when_the_lease_ends(
    device, fleet, recorder
):
    device.start(recorder)
    fleet.say(Twin({"threshold": 1, "seat": "A1"}), "keypad-01")
    fleet.say(FreezeNotice(SittingId("s1"), True), expires_in_ms=60_000)
    fleet.say(Twin({"threshold": 2, "seat": "A2"}), "keypad-01")
    device.settle()
    assert device.runtime.twin == {"threshold": 1, "seat": "A2"}
    assert fleet.births[-1].reported == {"threshold": "frozen", "seat": "ok"}
    runtime = restart(device, recorder)
    assert runtime.twin == {"threshold": 1, "seat": "A2"}
    device.pass_ms(61_000, step_ms=10_000)
    assert runtime.twin == {"threshold": 2, "seat": "A2"}
    assert fleet.births[-1].reported == {"threshold": "ok", "seat": "ok"}


def test_health_counts_and_never_tells_of_presses_while_a_secret_question_is_open(device, fleet, recorder):
    runtime = device.start(recorder)
    runtime.append(HELLO)
    device.pass_ms(20_000)
    assert fleet.healths[-1].readings["records"] == 1
    assert fleet.healths[-1].readings["uptime-s"] >= 15
    assert fleet.healths[-1].readings["rss-kb"] == 40_000
    assert "temperature-mc" not in fleet.healths[-1].readings
    runtime.counters.own["keys"] += 3
    device.pass_ms(10_000)
    assert fleet.healths[-1].readings["keys"] == 3
    device.firmware.secret_open = True
    device.pass_ms(10_000)
    runtime.counters.drops["bad-schema"] += 1
    device.pass_ms(10_000)
    assert fleet.healths[-1].readings.keys() == {"reconnects", "uptime-s", "drops-bad-schema"}


def test_a_clock_that_steps_back_a_year_harms_nothing(device, fleet, clock, recorder):
    runtime = device.start(recorder)
    fleet.say(TimeNotice(clock.wall))
    device.settle()
    known = clock.wall
    clock.wall -= YEAR_MS
    clock.monotonic += 1000
    assert runtime.clock.wall_ms() == known + 1000
    assert runtime.clock.stamp().clock_uncertainty_ms < 2000
    runtime = restart(device, recorder)
    runtime.append(HELLO)
    device.settle()
    assert runtime.clock.wall_ms() == known
    assert fleet.records[-1].stamp.wall_ms == known
    assert fleet.records[-1].stamp.clock_uncertainty_ms == UNKNOWN_MS
    assert fleet.records[-1].stamp.boot == 2


def test_a_full_disk_keeps_what_was_said_obeys_the_desk_and_recovers(device, fleet, recorder):
    runtime = device.start(recorder, connected=False)
    runtime.append(HELLO)
    device.disk.full = True
    runtime = restart(device, recorder)
    assert [record.seq for record in fleet.records] == [1]
    assert runtime.outbox.boot == 2
    fleet.say(SittingNotice(SittingId("s1"), "closed"))
    device.settle()
    assert device.firmware.down == [SittingNotice(SittingId("s1"), "closed")]
    assert runtime.counters.store_errors > 0
    assert runtime.outbox.marked_seq == 0
    device.disk.full = False
    runtime.append(HELLO)
    device.settle()
    assert runtime.outbox.marked_seq == 2
    assert fleet.records[-1].stamp.boot == 2
    assert restart(device, recorder).outbox.boot == 3


def test_a_question_of_another_thread_is_answered_or_refused_in_its_own_thread(device, recorder):
    runtime = device.start(recorder)

    def refuse():
        raise DeviceError("no")

    def ask(question):
        try:
            answers.append(runtime.ask(question))
        except DeviceError as err:
            answers.append(err.what)

    answers = []
    for question in (refuse, lambda: {"state": "idle"}):
        asking = threading.Thread(target=ask, args=(question,))
        asking.start()
        while asking.is_alive():
            device.settle()
    assert answers == ["no", {"state": "idle"}]
