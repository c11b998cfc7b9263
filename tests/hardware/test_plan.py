"""Power, air and view: the sums against known values, the firmware's own numbers, and one another."""

import itertools
import json
import math
from pathlib import Path

import pytest

from hardware import airtime, coverage, halls, power
from hardware.adapters.bom_files import templates
from hardware.airtime import Air
from hardware.bom import network_of
from hardware.halls import HALLS, Build, drops_m
from hardware.plan import plan_texts

ROOT = Path(__file__).resolve().parents[2]


def envelope_bytes(file: str, section: str, kind: str) -> set[int]:
    told = json.loads((ROOT / "wire" / "vectors" / "v1" / file).read_text(encoding="utf-8"))
    return {
        len(each["envelope"]) // 2
        for each in told[section]
        if each["kind"] == kind and each["signer"] != "keypad-08"
    }


def test_sizes_are_those_of_the_wire() -> None:
    assert envelope_bytes("records.json", "records", "open-ballot/1") == {airtime.VOTE_BYTES}
    for kind, size in {
        "receipt": airtime.RECEIPT_BYTES,
        "health": airtime.HEALTH_BYTES,
        **airtime.IN_FORCE_BYTES,
    }.items():
        assert envelope_bytes("messages.json", "messages", f"{kind}/1") == {size}, kind


def test_times_are_those_of_firmware_and_fleet() -> None:
    from edge.device.adapters.mqtt_link import KEEPALIVE_S
    from edge.device.health import INTERVAL_MS
    from fleet.ingest.downlink import REPEAT_MS

    assert airtime.HEALTH_S * 1000 == INTERVAL_MS
    assert airtime.REPEAT_S * 1000 == REPEAT_MS
    assert KEEPALIVE_S > airtime.HEALTH_S, "else pings are air too"


def test_topic_is_as_long_as_said() -> None:
    from wire.ids import DeviceId, HallId
    from wire.topics import Up, up

    assert len(up(HallId("hall-1"), DeviceId("keypad-1234"), Up.REC)) == airtime.TOPIC_BYTES


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


def test_one_frame_alone_takes_its_own_time_gap_and_half_a_window() -> None:
    alone = airtime.success_us(1, 100.0)
    assert alone == pytest.approx(100.0 + airtime.DIFS_US + 7.5 * airtime.SLOT_US, rel=0.01)


def test_frame_by_hand() -> None:
    """A bare acknowledgement, 106 bytes: 36 preamble, data, 6, SIFS 10, ACK 34; 4 symbols at 65 and so on."""
    bits = 22 + 8 * (52 + 54)
    symbols = sum(share * math.ceil(bits / (rate * 4)) for rate, share in airtime.RATES_MBIT)
    assert airtime.frame_us(0) == pytest.approx(36 + 4 * symbols + 6 + 10 + 34)
    assert airtime.VOTE.frames == (293, 0, 0, 26, 266)


def test_more_keypads_never_need_less_air() -> None:
    airs = [Air(count) for count in range(1, 400, 7)]
    for less, more in itertools.pairwise(airs):
        assert more.repeats >= less.repeats or more.access_points > less.access_points
    assert Air(2000).busy > Air(500).busy > Air(60).busy
    assert Air(2000).burst_s > Air(500).burst_s > Air(60).burst_s


def test_the_recommendation_follows_from_the_air() -> None:
    most = airtime.most_keypads()
    assert Air(most).fits
    assert not Air(2000).fits
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


def test_power_that_is_lost_balances() -> None:
    lost, volts = power.loss_w(power.GATE, 90.0)
    current = (power.GATE.most_w + lost) / power.PSE_VOLTS
    assert volts == pytest.approx(power.GATE.most_w / current)
    assert volts > 42.5


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
