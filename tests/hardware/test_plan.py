"""Power, air and view: the sums against known values, the firmware's own numbers, and one another."""

import itertools
import json
import math
import random
import re
from pathlib import Path

import pytest

from hardware import airtime, coverage, halls, messages, power, values
from hardware.adapters.bom_files import templates
from hardware.adapters.source import classes
from hardware.airtime import Air
from hardware.bom import network_of, parse_parts
from hardware.halls import HALLS, Build, drops_m
from hardware.plan import plan_texts
from wire.board import parse_entry
from wire.down import parse_down, parse_receipt
from wire.envelope import Purpose, claimed_signer, verify
from wire.ids import DESK, STORE
from wire.records import parse_record
from wire.up import parse_health
from wire.voting import parse_board_answer, parse_carried

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_measured_is_what_wire_says_and_a_reader_believes() -> None:
    """Each is read back by the reader of the other side, with the key that everybody knows."""
    key = messages._signer("any").public_key
    assert (
        parse_record(verify(messages.vote(), Purpose.RECORD, messages.DEVICE, key)).body.kind
        == "open-ballot/1"
    )
    assert parse_receipt(verify(messages.receipt(), Purpose.RECEIPT, STORE, key)).device == messages.DEVICE
    assert len(parse_health(verify(messages.health(), Purpose.HEALTH, messages.DEVICE, key)).readings) >= 10
    for kind, envelope in messages.in_force().items():
        signer = STORE if kind == "time/1" else DESK
        said = parse_down(verify(envelope, Purpose.DOWN, signer, key), messages.HALL, messages.DEVICE, 0)
        assert said.body.kind == kind
    for envelope in (messages.prepared(), messages.cast()):
        carried = parse_carried(verify(envelope, Purpose.CARRIED, messages.DEVICE, key))
        voter = claimed_signer(carried.entry)
        assert parse_entry(verify(carried.entry, Purpose.BOARD, voter, key)).voter.hex() == voter
    answer = parse_board_answer(verify(messages.board_answer(), Purpose.BOARD_ANSWER, STORE, key))
    assert len(answer.path) == 32 * 16


def test_they_are_no_shorter_than_the_golden_ones() -> None:
    """Those have short names and small numbers."""
    golden = {
        each["kind"]: len(each["envelope"]) // 2
        for file, section in (
            ("records.json", "records"),
            ("messages.json", "messages"),
            ("votes.json", "messages"),
        )
        for each in json.loads((ROOT / "wire" / "vectors" / "v1" / file).read_text(encoding="utf-8"))[section]
        if each["kind"] != "board-answer/1" and each["signer"] != "keypad-08"
    }
    assert len(messages.vote()) >= golden["open-ballot/1"]
    assert len(messages.receipt()) >= golden["receipt/1"]
    assert len(messages.health()) >= golden["health/1"]
    for kind, envelope in messages.in_force().items():
        assert abs(len(envelope) - golden[kind]) <= 50, kind


def test_times_are_those_of_firmware_and_fleet() -> None:
    from edge.device.adapters.mqtt_link import KEEPALIVE_S
    from edge.device.health import INTERVAL_MS
    from fleet.ingest.downlink import REPEAT_MS

    assert airtime.HEALTH_S * 1000 == INTERVAL_MS
    assert airtime.REPEAT_S * 1000 == REPEAT_MS
    assert KEEPALIVE_S > airtime.HEALTH_S, "else pings are air too"


def test_a_secret_ballot_leaves_on_the_grid_of_the_firmware() -> None:
    from edge.ballot_keypad.secret.pace import GRID_MS

    assert airtime.GRID_S * 1000 == GRID_MS


def test_rates_are_those_of_the_modelled_update_night() -> None:
    from bench.wifi import Assumptions

    assumed = Assumptions()
    assert tuple(zip(assumed.phy_mbit, assumed.phy_share, strict=True)) == airtime.RATES_MBIT
    assert assumed.usable_mbit == airtime.UPDATE_MBIT


def test_collisions_are_those_of_bianchi() -> None:
    """His tables are for other windows: the fixed point itself is what is checked, and its ends."""
    assert airtime.collision_chance(1) == 0
    for stations in (2, 10, 50, 667):
        chance = airtime.collision_chance(stations)
        sends = airtime._tries(chance)
        assert 1 - (1 - sends) ** (stations - 1) == pytest.approx(chance, abs=1e-6)
    few, many = airtime.collision_chance(5), airtime.collision_chance(500)
    assert 0.2 < few < 0.4
    assert many > 0.8


def played(stations: int, slots: int, seed: int) -> tuple[float, float]:
    """Saturated stations, slot by slot (IEEE 802.11 clause 10.3): share of frames that collide, and slots
    of the medium per success, a frame of either kind counted as one. Shares nothing with the model."""
    dice = random.Random(seed)
    stage = [0] * stations
    left = [dice.randrange(16) for _ in range(stations)]
    collided = succeeded = 0
    for _ in range(slots):
        sending = [each for each in range(stations) if left[each] == 0]
        for each in range(stations):
            left[each] -= 1
        for each in sending:
            alone = len(sending) == 1
            stage[each] = 0 if alone else min(stage[each] + 1, 6)
            left[each] = dice.randrange(16 << stage[each])
            collided, succeeded = collided + (not alone), succeeded + alone
    return collided / (collided + succeeded), slots / succeeded


@pytest.mark.parametrize("stations", [5, 20, 60])
def test_the_model_says_what_happens_when_slots_are_played_out(stations: int) -> None:
    collided, slots = played(stations, 30_000, seed=stations)
    assert airtime.collision_chance(stations) == pytest.approx(collided, abs=0.03)
    sends = airtime._tries(airtime.collision_chance(stations))
    success = stations * sends * (1 - sends) ** (stations - 1)
    assert 1 / success == pytest.approx(slots, rel=0.05)


def test_one_frame_alone_takes_its_own_time_gap_and_half_a_window() -> None:
    alone = airtime.success_us(1, 100.0)
    assert alone == pytest.approx(100.0 + 37.0 + 7.5 * 9.0, rel=0.01)


def test_frame_by_hand() -> None:
    """A bare acknowledgement, 106 bytes and 22 bits: 870 bits in symbols of 26 to 260; 36 preamble, 6, SIFS
    10, ACK 34 at 24 Mbit/s, 38 at 12, 50 at 6."""
    symbols = {65.0: 4, 52.0: 5, 39.0: 6, 26.0: 9, 13.0: 17, 6.5: 34}
    acks = {13.0: 38, 6.5: 50}
    by_hand = sum(
        share * (36 + 4 * symbols[rate] + 6 + 10 + acks.get(rate, 34)) for rate, share in airtime.RATES_MBIT
    )
    assert airtime.frame_us(0) == pytest.approx(by_hand)
    vote, receipt = len(messages.vote()), len(messages.receipt())
    up = vote + 7 + len("hw1/hall-01/keypad-1234/up/rec") + 22
    down = receipt + 5 + len("hw1/hall-01/keypad-1234/down/ack") + 22
    assert airtime.VOTE.frames == (up, 0, 0, 26, down)


def test_a_message_longer_than_a_segment_takes_two_frames() -> None:
    answer = airtime.CAST.down[1:]
    assert answer[0] == 1500 - 52
    assert sum(answer) == len(messages.board_answer()) + 5 + len("hw1/hall-01/keypad-1234/down/ack") + 22
    assert airtime.CAST.up.count(0) == 2


def test_more_keypads_never_need_less_air() -> None:
    airs = [Air(count) for count in range(1, 400, 7)]
    for less, more in itertools.pairwise(airs):
        assert more.repeats >= less.repeats or more.access_points > less.access_points
    assert Air(2000).busy > Air(500).busy > Air(60).busy
    assert Air(2000).burst_s > Air(500).burst_s > Air(60).burst_s


def test_the_recommendation_follows_from_the_air() -> None:
    most = airtime.most_keypads()
    assert all(Air(count).fits for count in range(1, most + 1))
    assert not any(Air(count).fits for count in (most + 3, 2 * most, 500, 2000))
    for hall in HALLS:
        assert (hall.recommended is Build.WIFI) == (hall.seats <= most)


def test_poe_classes_and_the_device_that_needs_each() -> None:
    assert power.GATE.poe.number == 4
    assert power.KEYPAD_WIRED.poe.number == 2
    for draw in power.DRAWS:
        assert draw.most_w <= draw.poe.pd_w < draw.poe.pse_w


@pytest.mark.parametrize("build", Build)
@pytest.mark.parametrize("hall", HALLS, ids=lambda hall: hall.name)
def test_no_switch_cable_or_ups_is_overloaded(hall: halls.Hall, build: Build) -> None:
    net = network_of(hall, build)
    assert net.ports <= net.switches_24 * (24 - power.PORTS_KEPT) + net.switches_48 * (48 - power.PORTS_KEPT)
    assert net.poe_most_w <= net.switches * power.BUDGET_W * power.BUDGET_USED
    assert net.longest_m <= halls.LINK_M_MAX
    assert net.runtime_min >= power.RUNTIME_MIN
    kind, count = net.ups
    watts = next(watts for name, watts, _ in power.UPS if name == kind)
    assert net.load_w <= count * watts * power.UPS_LOAD
    assert net.load_w <= count * watts / 2, "what a UPS delivers is told for half of its load and less"
    assert count % net.cabinets == 0
    assert net.cabinets * power.CABINET_SWITCHES >= net.switches


def test_cables_of_a_small_hall_by_hand() -> None:
    hall = halls.Hall("2x2", rows=2, across=2, boards=1, recommended=Build.WIRED)
    assert drops_m(hall, Build.WIRED, 1) == pytest.approx(
        sorted([0.475 + 0.6 + 6, 0.475 + 1.2 + 6, 0.475 + 0.6 + 6, 0.475 + 1.2 + 6])
    )
    assert len(drops_m(HALLS[2], Build.WIRED, 12)) == 2000
    assert len(drops_m(HALLS[2], Build.ROWS, 3)) == HALLS[2].row_units
    assert drops_m(HALLS[2], Build.WIFI, 1) == []


def test_a_row_supply_carries_its_row() -> None:
    watts = 92.0  # HDR-100-24
    assert halls.SEATS_A_SUPPLY * power.KEYPAD_WIFI.most_w <= watts
    for hall in HALLS:
        assert power.row_drop_volts(hall) < 24 * 0.05
        assert 24 - power.row_drop_volts(hall) > power.STEP_DOWN_VOLTS


def test_a_bus_of_one_seat_falls_by_hand() -> None:
    """4.235 W through 6 m of 26.6 ohm a kilometre: 0.1597 ohm, 0.1767 A, 28.2 mV."""
    single = halls.Hall("1x1", rows=1, across=1, boards=1, recommended=Build.WIFI)
    assert power.row_drop_volts(single) == pytest.approx(0.0282, abs=0.0002)


def test_a_switch_feeds_what_its_budget_and_ports_allow() -> None:
    for draw in power.DRAWS:
        counted, by_class = power.on_a_switch(draw)
        assert 0 < by_class <= counted <= 48 - power.PORTS_KEPT
        assert counted * draw.most_w <= 384 * 0.8
        assert by_class * draw.poe.pse_w <= 384 * 0.8
    assert power.on_a_switch(power.GATE) == (18, 10)


def test_power_that_is_lost_balances() -> None:
    lost, volts = power.loss_w(power.GATE, 90.0)
    current = (power.GATE.most_w + lost) / power.PSE_VOLTS
    assert volts == pytest.approx(power.GATE.most_w / current)
    assert volts > 42.5


def test_in_a_power_cut_a_door_is_held_no_longer_than_its_pi_has_power() -> None:
    """A gate's Pi is on a port of the switch; by hand its battery: 5.95 Ah times 0.8 over 0.828 A, 5.7 h."""
    assert [port.part for port in classes()["gate"].ports].count("poe-hat") == 1
    runs = [network_of(hall, build).runtime_min for hall in HALLS for build in Build]
    assert max(runs) / 60 < values.DOOR_HOURS == pytest.approx(5.95 * 0.8 / 0.828, abs=0.01)
    page = re.sub(r"\s+", " ", plan_texts(templates())["power-and-network.md"])
    assert "In a power cut a door lets go when the cabinet's UPS is empty" in page
    assert f"after {min(runs):.0f} to {max(runs):.0f} min" in page
    assert "feeds the door for 5 h at full load" in page


def test_gates_let_everybody_in_with_one_broken() -> None:
    for hall in HALLS:
        a_minute = (hall.gates - 1) * halls.PEOPLE_A_MINUTE * halls.PEOPLE_DERATED
        assert hall.seats <= a_minute * halls.ARRIVAL_MIN
    assert 4 <= HALLS[1].gates <= 8


@pytest.mark.parametrize("camera_m", [1.3, 1.4, 1.5, 1.6, 1.7])
def test_faces_from_one_metre_to_one_ninety_are_in_view_at_the_mark(camera_m: float) -> None:
    view = coverage.View(coverage.WIDE, camera_m)
    tilt = coverage.cradle_tilt_deg(camera_m)
    assert view.near_m <= coverage.STAND_M <= view.far_m
    assert view.covers(coverage.STAND_M, tilt)
    top = camera_m + coverage.STAND_M * math.tan(math.radians(tilt + coverage.WIDE.vertical_deg / 2))
    low = camera_m + coverage.STAND_M * math.tan(math.radians(tilt - coverage.WIDE.vertical_deg / 2))
    assert low < 1.0 - coverage.FACE_M / 2
    assert top > 1.9 + coverage.FACE_M / 2


def test_nearer_than_said_somebody_is_cut_off() -> None:
    view = coverage.View(coverage.WIDE)
    nearer = view.near_m - 0.02
    assert not view.covers(nearer, view.tilt_deg(nearer))


def test_the_page_names_the_mode_that_the_firmware_asks_for() -> None:
    from edge.rollcall_gate.adapters.picamera2_camera import FULL_FIELD

    assert FULL_FIELD["output_size"] == coverage.FULL_MODE
    page = plan_texts(templates())["coverage.md"]
    assert "asks a Camera Module 3 for 2304x1296, which sees with the whole sensor" in page
    assert (
        f"{coverage.View(coverage.WIDE_CROPPED).near_m - coverage.View(coverage.WIDE).near_m:.2f} m farther"
        in page
    )
    words = (
        parse_parts((ROOT / "hardware" / "parts.toml").read_text("utf-8")).parts["camera-module-3-wide"].facts
    )
    assert "2304x1296 of the whole sensor" in words


def test_the_lane_is_that_of_the_firmware() -> None:
    from edge.rollcall_gate.eyes.track import Lane

    assert Lane().face_min == coverage.LANE_FACE


def test_a_cropped_mode_needs_another_mark() -> None:
    assert coverage.WIDE_CROPPED.vertical_deg == pytest.approx(47.6, abs=0.1)
    assert coverage.View(coverage.WIDE_CROPPED).near_m > coverage.STAND_M


def test_what_is_in_the_repository_is_what_is_made() -> None:
    folder = ROOT / "hardware" / "out" / "plan"
    texts = plan_texts(templates())
    assert {path.name for path in folder.iterdir()} == set(texts)
    for name, text in texts.items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name} is old: make hardware"
