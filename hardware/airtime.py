"""The air that keypads need on Wi-Fi: votes in one instant, what is said all the time, updates. Pure.

A model of 802.11n at 2.4 GHz, the one band a Raspberry Pi Zero 2 W has, with all stations of a channel
hearing each other, as in an open hall. Contention is Bianchi's model of saturated stations (IEEE JSAC
18(3), 2000), run from all backlogged down to none. It is kind to Wi-Fi: no hidden stations, no neighbours,
no delegates' phones, no capture by slow stations beyond their own frames, and the access point gets its
turns like everybody else's frames. No radio was measured for it. Sizes of messages are those of
wire/vectors; a test compares.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

# what is said: envelope bytes of wire/vectors/v1, kind by kind
VOTE_BYTES: Final = 235
RECEIPT_BYTES: Final = 208
HEALTH_BYTES: Final = 147
IN_FORCE_BYTES: Final = {"sitting": 145, "ballot": 177, "freeze": 140, "time": 137, "twin": 167}
"""Down messages while a ballot is open; each is said again every REPEAT_S to every keypad (DESIGN
section 4)."""
REPEAT_S: Final = 5.0
HEALTH_S: Final = 10.0
TOPIC_BYTES: Final = 29
"""hw1/hall-1/keypad-1234/up/rec."""

# what is wrapped around it
MQTT_BYTES: Final = 3 + 2 + 2
"""Fixed header, length of the topic, packet id (MQTT 3.1.1 section 3.3)."""
PUBACK_BYTES: Final = 4
TLS_BYTES: Final = 5 + 1 + 16
"""Record header, content type, tag (RFC 8446 section 5.2)."""
TCP_IP_BYTES: Final = 20 + 32
"""IPv4 without options; TCP with time stamps."""
MAC_BYTES: Final = 26 + 16 + 8 + 4
"""QoS header, CCMP, LLC/SNAP, check sequence (IEEE 802.11)."""

# the air, microseconds: IEEE 802.11-2020 clauses 10, 18 and 19
SLOT_US: Final = 9.0
SIFS_US: Final = 10.0
DIFS_US: Final = SIFS_US + 2 * SLOT_US
HT_PREAMBLE_US: Final = 36.0
SIGNAL_EXTENSION_US: Final = 6.0
"""Of every OFDM frame at 2.4 GHz."""
HT_SYMBOL_US: Final = 4.0
ACK_US: Final = 20.0 + 2 * 4.0 + SIGNAL_EXTENSION_US
"""14 bytes at 24 Mbit/s."""
CW_MIN: Final = 16
BACKOFF_STAGES: Final = 6
RATES_MBIT: Final = ((65.0, 0.30), (52.0, 0.25), (39.0, 0.20), (26.0, 0.15), (13.0, 0.07), (6.5, 0.03))
"""PHY rate and the share of keypads that have it: as bench/wifi.py assumes."""
RETRY_LIMIT: Final = 7
"""Then the radio gives a frame up (dot11ShortRetryLimit), and TCP sends it again after RESEND_S at least."""
RESEND_S: Final = 0.2
"""Least retransmission timeout of Linux (TCP_RTO_MIN)."""
FRAME_RETRIES: Final = 1.1
"""Frames lost to noise, besides collisions. Assumed."""
BEACON_MS: Final = 102.4
BEACON_BYTES: Final = 300
BEACON_MBIT: Final = 6.0
"""A controller that forbids 802.11b; at 1 Mbit/s they take five times as much and more."""
CHANNELS: Final = 3
"""1, 6 and 11: all that 2.4 GHz has, whatever the number of access points."""
CLIENTS_AN_AP: Final = 40
"""Where makers' own thresholds begin (30 in Fortinet's FortiAP guide, to 60 'low' in FortiSASE). Assumed
40."""

# what is asked of it
BUSY_MAX: Final = 0.20
"""Share of the air that may be taken all the time, so that half of the rest is left for a burst, for phones
and for neighbours. Assumed; planners take 0.3 to 0.5 for everything together."""
BURST_S_MAX: Final = 0.4
"""Of the 500 ms from press to receipt (DESIGN section 12), what the air may take."""
GIVEN_UP_MAX: Final = 0.01
"""Of first frames: the budget is that of the 99th percentile, and who waits for TCP is beyond it."""
UPDATE_FULL_BYTES: Final = 12_000_000
UPDATE_DELTA_BYTES: Final = 1_000_000
UPDATE_MBIT: Final = 25.0
"""Of one channel, aggregated, half the air (bench/wifi.py: usable_mbit)."""
ETHERNET_MBIT: Final = 1_000.0
ETHERNET_BYTES: Final = 14 + 4 + 20
"""Header, check sequence, preamble and gap (IEEE 802.3)."""


def record_bytes(payload: int) -> int:
    """An MQTT PUBLISH in one TLS record, as TCP payload."""
    return payload + MQTT_BYTES + TOPIC_BYTES + TLS_BYTES


def frame_us(tcp_payload: int) -> float:
    """One frame on the air with its acknowledgement, without waiting for it; mean over the rates."""
    bits = 16 + 6 + 8 * (tcp_payload + TCP_IP_BYTES + MAC_BYTES)
    data = sum(share * math.ceil(bits / (rate * HT_SYMBOL_US)) * HT_SYMBOL_US for rate, share in RATES_MBIT)
    return HT_PREAMBLE_US + data + SIGNAL_EXTENSION_US + SIFS_US + ACK_US


@dataclass(frozen=True, slots=True)
class Exchange:
    """TCP payloads of the frames that one matter takes, up and down; 0 is a bare TCP acknowledgement."""

    name: str
    up: tuple[int, ...]
    down: tuple[int, ...]

    @property
    def frames(self) -> tuple[int, ...]:
        return self.up + self.down

    @property
    def payload(self) -> int:
        return sum(self.frames)

    @property
    def wire_bytes(self) -> int:
        """With TCP and IP."""
        return self.payload + TCP_IP_BYTES * len(self.frames)

    @property
    def air_us(self) -> float:
        return sum(frame_us(each) for each in self.frames)


_PUBACK: Final = PUBACK_BYTES + TLS_BYTES
VOTE: Final = Exchange(
    "a vote and its receipt", (record_bytes(VOTE_BYTES), 0, 0), (_PUBACK, record_bytes(RECEIPT_BYTES))
)
HEALTH: Final = Exchange("a health report", (record_bytes(HEALTH_BYTES), 0), (_PUBACK,))
REPEATS: Final = Exchange(
    "what is in force, once",
    (0,) * len(IN_FORCE_BYTES),
    tuple(record_bytes(each) for each in IN_FORCE_BYTES.values()),
)


@cache
def collision_chance(stations: int) -> float:
    """That a frame of one of so many backlogged stations collides: Bianchi's fixed point, by bisection."""
    if stations < 2:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(50):
        chance = (low + high) / 2
        if 1 - (1 - _tries(chance)) ** (stations - 1) > chance:
            low = chance
        else:
            high = chance
    return (low + high) / 2


def _tries(chance: float) -> float:
    """Probability that a station sends in a slot, given how often it collides (Bianchi, equation 7)."""
    doubled = sum((2 * chance) ** stage for stage in range(BACKOFF_STAGES))
    return 2 / (1 + CW_MIN + chance * CW_MIN * doubled)


def success_us(stations: int, air_us: float) -> float:
    """Mean time from one success to the next while so many stations are backlogged; a collision takes as
    long as a frame."""
    sends = _tries(collision_chance(stations))
    idle = (1 - sends) ** stations
    success = stations * sends * (1 - sends) ** (stations - 1)
    busy = 1 - idle
    return (idle * SLOT_US + busy * (air_us + DIFS_US)) / success


def drain_s(keypads: int, exchange: Exchange) -> float:
    """Until everybody's exchange is over, when so many on ONE channel begin in one instant. The frames of an
    exchange follow one another, so at any time each keypad that is not done has one frame waiting."""
    mean_us = exchange.air_us / len(exchange.frames)
    total = 0.0
    for waiting in range(keypads, 0, -1):
        total += len(exchange.frames) * success_us(waiting, mean_us) * FRAME_RETRIES
    return total / 1e6


def uncontended_us(exchange: Exchange) -> float:
    """Air of one exchange when nobody else wants it: with the mean backoff and the gap before each frame."""
    wait = DIFS_US + (CW_MIN - 1) / 2 * SLOT_US
    return (exchange.air_us + wait * len(exchange.frames)) * FRAME_RETRIES


def beacon_us() -> float:
    return (
        20.0 + math.ceil((22 + 8 * BEACON_BYTES) / (BEACON_MBIT * 4.0)) * 4.0 + SIGNAL_EXTENSION_US + DIFS_US
    )


@dataclass(frozen=True, slots=True)
class Air:
    """What so many keypads need of the three channels."""

    keypads: int

    @property
    def access_points(self) -> int:
        return max(1, math.ceil(self.keypads / CLIENTS_AN_AP))

    @property
    def on_a_channel(self) -> int:
        return math.ceil(self.keypads / min(CHANNELS, self.access_points))

    @property
    def beacons(self) -> float:
        """Share of a channel's air."""
        on_channel = math.ceil(self.access_points / CHANNELS)
        return on_channel * beacon_us() / (BEACON_MS * 1000)

    @property
    def health(self) -> float:
        return self.on_a_channel * uncontended_us(HEALTH) / (HEALTH_S * 1e6)

    @property
    def repeats(self) -> float:
        return self.on_a_channel * uncontended_us(REPEATS) / (REPEAT_S * 1e6)

    @property
    def busy(self) -> float:
        """All the time, while a ballot is open."""
        return self.beacons + self.health + self.repeats

    @property
    def burst_s(self) -> float:
        """Everybody presses in one instant; the rest of the air is what BUSY leaves."""
        left = 1 - self.busy
        return drain_s(self.on_a_channel, VOTE) / left if left > 0 else math.inf

    @property
    def given_up(self) -> float:
        """Share of the frames that the radio gives up while everybody is still waiting."""
        return collision_chance(self.on_a_channel) ** (RETRY_LIMIT + 1)

    @property
    def fits(self) -> bool:
        return self.busy <= BUSY_MAX and self.burst_s <= BURST_S_MAX and self.given_up <= GIVEN_UP_MAX

    def update_min(self, length: int) -> float:
        """Minutes to bring so many bytes to everybody, nothing lost and nothing said besides."""
        return self.on_a_channel * length * 8 / (UPDATE_MBIT * 1e6) / 60


def most_keypads() -> int:
    """So many fit on the three channels of one hall."""
    return max(count for count in range(1, 3000, 3) if Air(count).fits)


def wired_burst_s(keypads: int) -> float:
    """The same votes through the hall server's one port of 1 Gbit/s, the busier direction."""
    up = sum(VOTE.up) + len(VOTE.up) * (TCP_IP_BYTES + ETHERNET_BYTES)
    down = sum(VOTE.down) + len(VOTE.down) * (TCP_IP_BYTES + ETHERNET_BYTES)
    return keypads * max(up, down) * 8 / (ETHERNET_MBIT * 1e6)


def wired_busy(keypads: int) -> float:
    """Share of that port that is taken all the time, down."""
    repeats = sum(REPEATS.down) + len(REPEATS.down) * (TCP_IP_BYTES + ETHERNET_BYTES)
    health = sum(HEALTH.down) + len(HEALTH.down) * (TCP_IP_BYTES + ETHERNET_BYTES)
    return keypads * (repeats / REPEAT_S + health / HEALTH_S) * 8 / (ETHERNET_MBIT * 1e6)
