"""The pages of out/plan: hardware/texts with the sums in their places. Pure.

A text names what it quotes as {module.NAME} or {name}, so that assumptions and results cannot part.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hardware import airtime, coverage, halls, messages, power, values
from hardware.airtime import Air, uncontended_us
from hardware.bom import network_of
from hardware.halls import HALLS, Build
from hardware.power import Draw, Network

_SIZES: Final = (60, 100, 250, 500, 1000, 2000)
_HEIGHTS_M: Final = (1.3, 1.4, 1.5, 1.6, 1.7)
_MEGABYTE: Final = 1_000_000


def plan_texts(templates: Mapping[str, str]) -> dict[str, str]:
    """File name -> page. templates: file name -> text of hardware/texts. Raises KeyError for a page that
    nothing fills."""
    fills = {"power-and-network.md": _power(), "airtime.md": _airtime(), "coverage.md": _coverage()}
    modules = {"airtime": airtime, "coverage": coverage, "halls": halls, "power": power, "values": values}
    return {name: text.format(**modules, **fills[name]) for name, text in sorted(templates.items())}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _power() -> dict[str, object]:
    nets = [network_of(hall, build) for hall in HALLS for build in Build]
    return {
        "draws": table(
            (
                "device", "parts, watts at 5 V (access point: at its port)", "efficiency of its supply",
                "most, W", "typical, W", "PoE class", "port sets aside, W",
            ),
            (_draw_row(draw) for draw in power.DRAWS),
        ),
        "networks": table(
            (
                "seats", "seats by", "gates", "ports", "PoE at most, W", "switches 24 / 48", "cabinets",
                "PoE of each, W", "load, W", "UPS", "runs aged, min", "Cat 6, m", "longest, m",
            ),
            (_network_row(net) for net in nets),
        ),
        "recommended": ", ".join(f"{hall.seats} seats {hall.recommended}" for hall in HALLS),
        "kinds": "; ".join(
            f"{name} {watts:.0f} W, {hours:.0f} Wh when new" for name, watts, hours in power.UPS
        ),
        "at_once": power.switches_at_once(),
        "door_a": values.DOOR_MA / 1_000,
        "supply_a": values.DOOR_MA_MAX / 1_000,
        "door_h": math.floor(values.DOOR_HOURS),
        "ups_least": f"{min(net.runtime_min for net in nets):.0f}",
        "ups_most": f"{max(net.runtime_min for net in nets):.0f}",
        "largest": HALLS[-1].seats,
        "longest": max(net.longest_m for net in nets),
        "cables": _cables(),
        "fed": _fed(),
        "cores": ", ".join(
            f"{net.hall.seats} seats {net.cores}" for net in nets if net.build is net.hall.recommended
        ),
        "drops": ", ".join(f"{hall.seats} seats {power.row_drop_volts(hall):.2f} V" for hall in HALLS),
    }  # fmt: skip


def _draw_row(draw: Draw) -> tuple[str, ...]:
    on_bus = draw is power.KEYPAD_WIFI
    return (
        draw.name,
        "; ".join(f"{name} {watts:g}" for name, watts in draw.parts_w),
        f"{draw.efficiency:.0%}",
        f"{draw.most_w:.1f}",
        f"{draw.typical_w:.1f}",
        "24 V bus" if on_bus else f"{draw.poe.number} ({draw.poe.standard})",
        "—" if on_bus else f"{draw.poe.pse_w:g}",
    )


def _fed() -> str:
    """How many of each kind one switch feeds."""
    rows = []
    for draw in power.DRAWS:
        if draw is not power.KEYPAD_WIFI:
            named = f"{draw.poe.number} ({draw.poe.standard})"
            rows.append((draw.name, named, f"{draw.poe.pse_w:g}", *power.on_a_switch(draw)))
    return table(("device", "PoE class", "port sets aside, W", "so many if counted", "if by class"), rows)


def _network_row(net: Network) -> tuple[object, ...]:
    kind, count = net.ups
    mark = " (recommended)" if net.build is net.hall.recommended else ""
    return (
        net.hall.seats,
        f"{net.build}{mark}",
        net.hall.gates,
        net.ports,
        f"{net.poe_most_w:.0f}",
        f"{net.switches_24} / {net.switches_48}",
        net.cabinets,
        f"{net.poe_most_w / net.switches:.0f}",
        f"{net.load_w:.0f}",
        f"{count} x {kind}",
        f"{net.runtime_min:.0f}",
        f"{net.cat6_m:.0f}",
        f"{net.longest_m:.0f}",
    )


def _cables() -> str:
    rows = []
    for draw in (power.GATE, power.KEYPAD_WIRED, power.ROW_UNIT, power.ACCESS_POINT):
        for length in (30.0, halls.LINK_M_MAX):
            lost, volts = power.loss_w(draw, length)
            rows.append((draw.name, f"{length:.0f}", f"{draw.most_w:.1f}", f"{lost:.2f}", f"{volts:.1f}"))
    return table(("device", "cable, m", "takes, W", "lost in the cable, W", "V at its end, from 50"), rows)


def _airtime() -> dict[str, object]:
    full, delta = airtime.UPDATE_FULL_BYTES, airtime.UPDATE_DELTA_BYTES
    big = Air(HALLS[-1].seats)
    return {
        "most": airtime.most_keypads(),
        "big": big,
        "resend_ms": airtime.RESEND_S * 1000,
        "wired_ms": airtime.wired_burst_s(big.keypads, airtime.VOTE) * 1000,
        "matters": _matters(),
        "messages": _messages(),
        "bare_us": airtime.frame_us(0),
        "vote_us": airtime.frame_us(airtime.VOTE.up[0]),
        "airs": table(
            (
                "keypads", "access points", "on one channel", "beacons", "health", "in force, repeated",
                "air taken all the time", "frames collide, all waiting", "given up by the radio",
                "all votes in, s", "all secret ballots in, s", "fits",
            ),
            (_air_row(Air(size)) for size in sorted({*_SIZES, airtime.most_keypads()})),
        ),
        "wires": table(
            ("keypads", "all votes through 1 Gbit/s, ms", "all secret ballots, ms", "taken all the time"),
            (_wire_row(size) for size in (60, 500, 2000)),
        ),
        "row_units": HALLS[-1].row_units,
        "updates": table(
            ("keypads", f"{full // _MEGABYTE} MB each, min", f"{delta // _MEGABYTE} MB delta, min"),
            (
                (f"{size:,}", f"{Air(size).update_min(full):.1f}", f"{Air(size).update_min(delta):.1f}")
                for size in (60, 500, 2000)
            ),
        ),
        "wired_update_min": big.keypads * full * 8 / (airtime.ETHERNET_MBIT * 1e6) / 60,
        "options": len(messages.OPTIONS),
        "leaves": messages.LOG_LEAVES,
        "headers": (
            f"MQTT {airtime.MQTT_UP_BYTES} up and {airtime.MQTT_DOWN_BYTES} down, a topic of"
            f" {min(airtime.TOPICS.values())} to {max(airtime.TOPICS.values())}, TLS {airtime.TLS_BYTES},"
            f" TCP and IP {airtime.TCP_IP_BYTES}, Wi-Fi {airtime.MAC_BYTES}"
        ),
        "rates": ", ".join(f"{rate:g} Mbit/s {share:.0%}" for rate, share in airtime.RATES_MBIT),
        "noise": airtime.FRAME_RETRIES - 1,
        "cw_max": airtime.CW_MIN << airtime.BACKOFF_STAGES,
    }  # fmt: skip


def _matters() -> str:
    return table(
        (
            "matter", "frames up / down", "TCP payload, bytes", "with TCP and IP", "on the air, µs",
            "with gap, backoff and noise, µs",
        ),
        (
            (
                each.name, f"{len(each.up)} / {len(each.down)}", each.payload, each.wire_bytes,
                f"{each.air_us:.0f}", f"{uncontended_us(each):.0f}",
            )
            for each in (airtime.VOTE, airtime.PREPARED, airtime.CAST, airtime.HEALTH, airtime.REPEATS)
        ),
    )  # fmt: skip


def _messages() -> str:
    """Bytes of each message as it is signed, before anything is wrapped around it."""
    told = {
        "vote": messages.vote(),
        "receipt": messages.receipt(),
        "secret ballot prepared": messages.prepared(),
        "secret ballot cast": messages.cast(),
        "answer to either": messages.board_answer(),
        "health": messages.health(),
        **messages.in_force(),
    }
    return ", ".join(f"{name} {len(envelope)}" for name, envelope in told.items())


def _wire_row(keypads: int) -> tuple[str, ...]:
    bursts = (airtime.wired_burst_s(keypads, each) * 1000 for each in (airtime.VOTE, airtime.CAST))
    return (f"{keypads:,}", *(f"{each:.1f}" for each in bursts), f"{airtime.wired_busy(keypads):.2%}")


def _air_row(air: Air) -> tuple[object, ...]:
    return (
        f"{air.keypads:,}",
        air.access_points,
        air.on_a_channel,
        f"{air.beacons:.1%}",
        f"{air.health:.1%}",
        f"{air.repeats:.1%}",
        f"{air.busy:.0%}",
        f"{airtime.collision_chance(air.on_a_channel):.0%}",
        f"{air.given_up:.1%}",
        f"{air.burst_s:.2f}",
        f"{air.secret_s:.2f}",
        "yes" if air.fits else "**no**",
    )


def _coverage() -> dict[str, object]:
    views = [coverage.View(lens) for lens in coverage.LENSES]
    by_height = [coverage.View(coverage.WIDE, height) for height in _HEIGHTS_M]
    return {
        "low": coverage.FACES_M[0],
        "high": coverage.FACES_M[1],
        "permille": coverage.LANE_FACE * 1000,
        "full": "x".join(str(side) for side in coverage.FULL_MODE),
        "cropped": "x".join(str(side) for side in coverage.CROPPED_MODE),
        "farther": coverage.View(coverage.WIDE_CROPPED).near_m - coverage.View(coverage.WIDE).near_m,
        "lenses": table(
            ("lens and mode", "vertical field", "from, m", "to, m", "face at *from*, px of 720", "source"),
            (
                (
                    view.lens.name, f"{view.lens.vertical_deg:.1f}°", f"{view.near_m:.2f}",
                    f"{view.far_m:.2f}", f"{view.face_px:.0f}", view.lens.source,
                )
                for view in views
            ),
        ),
        "heights": table(
            ("lens at, m", "tilt of the cradle", "from, m", "to, m"),
            (
                (
                    f"{view.camera_m:.2f}", f"{coverage.cradle_tilt_deg(view.camera_m):+.1f}°",
                    f"{view.near_m:.2f}", f"{view.far_m:.2f}",
                )
                for view in by_height
            ),
        ),
    }  # fmt: skip
