"""The air that keypads need on Wi-Fi: votes in one instant, what is said all the time, updates. Pure.

A model of 802.11n at 2.4 GHz, the one band a Raspberry Pi Zero 2 W has, with all stations of a channel
hearing each other, as in an open hall. Contention is Bianchi's model of saturated stations (IEEE JSAC
18(3), 2000), run from all backlogged down to none. It is kind to Wi-Fi: no hidden stations, no neighbours,
no delegates' phones, no capture by slow stations beyond their own frames, and the access point gets its
turns like everybody else's frames. No radio was measured for it. Messages are as long as the encoders of
wire make them (messages.py).
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from hardware import messages

# what is said, and how often
REPEAT_S: Final = 5.0
"""Down messages while a ballot is open: each is said again so often to every keypad (DESIGN section 4)."""
HEALTH_S: Final = 10.0
GRID_S: Final = 3.0
"""What belongs to a secret ballot leaves every keypad in the same moments, so far apart (HV-1 rule 11)."""
TOPICS: Final = messages.topic_bytes()

# what is wrapped around it
MQTT_UP_BYTES: Final = 3 + 2 + 2
"""Fixed header, length of the topic, packet id (MQTT 3.1.1 section 3.3)."""
MQTT_DOWN_BYTES: Final = 3 + 2
"""Without a packet id: keypads subscribe with QoS 0, and receipts say what arrived."""
PUBACK_BYTES: Final = 4
TLS_BYTES: Final = 5 + 1 + 16
"""Record header, content type, tag (RFC 8446 section 5.2)."""
TCP_IP_BYTES: Final = 20 + 32
"""IPv4 without options; TCP with time stamps."""
SEGMENT_BYTES: Final = 1500 - TCP_IP_BYTES
"""What one frame carries of TCP."""
MAC_BYTES: Final = 26 + 16 + 8 + 4
"""QoS header, CCMP, LLC/SNAP, check sequence (IEEE 802.11)."""

# the air, microseconds: IEEE 802.11-2020 clauses 10 (MAC), 17 and 18 (OFDM), 19 (HT); table numbers to verify
SLOT_US: Final = 9.0
SIFS_US: Final = 10.0
AIFS_US: Final = SIFS_US + 3 * SLOT_US
"""Gap before a frame of best effort: AIFSN 3 (default EDCA parameters, table 9-155); DIFS has two slots."""
DIFS_US: Final = SIFS_US + 2 * SLOT_US
HT_PREAMBLE_US: Final = 36.0
SIGNAL_EXTENSION_US: Final = 6.0
"""Of every OFDM frame at 2.4 GHz."""
SYMBOL_US: Final = 4.0
OFDM_PREAMBLE_US: Final = 20.0
ACK_BYTES: Final = 14
BASIC_MBIT: Final = (24.0, 12.0, 6.0)
"""An acknowledgement has the highest of these that is not above its frame's (clause 10.6)."""
CW_MIN: Final = 16
BACKOFF_STAGES: Final = 6
RATES_MBIT: Final = ((65.0, 0.30), (52.0, 0.25), (39.0, 0.20), (26.0, 0.15), (13.0, 0.07), (6.5, 0.03))
"""PHY rate and the share of keypads that have it: as bench/wifi.py assumes."""
TRIES: Final = 7
"""So often a frame is sent, then the radio gives it up (dot11ShortRetryLimit), and TCP sends it again after
RESEND_S at least."""
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
CLIENTS_A_CHANNEL: Final = 20
"""More than so many take another channel while there is one: an access point costs less than collisions."""
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


def published(payload: bytes, topic: str, header: int) -> tuple[int, ...]:
    """An MQTT PUBLISH in one TLS record, as TCP payloads of the frames that carry it."""
    whole, rest = divmod(len(payload) + header + TOPICS[topic] + TLS_BYTES, SEGMENT_BYTES)
    return (*[SEGMENT_BYTES] * whole, *([rest] if rest else []))


def _up(payload: bytes, topic: str) -> tuple[int, ...]:
    return published(payload, topic, MQTT_UP_BYTES)


def _down(payload: bytes, topic: str) -> tuple[int, ...]:
    return published(payload, topic, MQTT_DOWN_BYTES)


def ofdm_us(length: int, mbit: float) -> float:
    """A frame of so many bytes without HT: preamble, service, tail, symbols, extension (clause 17, 18)."""
    symbols = math.ceil((16 + 6 + 8 * length) / (mbit * SYMBOL_US))
    return OFDM_PREAMBLE_US + symbols * SYMBOL_US + SIGNAL_EXTENSION_US


def ack_us(mbit: float) -> float:
    """The acknowledgement of a frame of that rate."""
    return ofdm_us(ACK_BYTES, next(basic for basic in BASIC_MBIT if basic <= mbit))


def frame_us(tcp_payload: int) -> float:
    """One frame on the air with its acknowledgement, without waiting for it; mean over the rates."""
    bits = 16 + 6 + 8 * (tcp_payload + TCP_IP_BYTES + MAC_BYTES)
    return sum(
        share
        * (
            HT_PREAMBLE_US
            + math.ceil(bits / (rate * SYMBOL_US)) * SYMBOL_US
            + SIGNAL_EXTENSION_US
            + SIFS_US
            + ack_us(rate)
        )
        for rate, share in RATES_MBIT
    )


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
_IN_FORCE: Final = messages.in_force()


def _recorded(name: str, said: tuple[int, ...], answer: tuple[int, ...]) -> Exchange:
    """Something said, the broker's PUBACK, the answer: every other frame that comes is acknowledged in a
    frame without payload, the PUBACK's too; what is said takes its own acknowledgement with the PUBACK."""
    return Exchange(name, (*said, 0, *[0] * math.ceil(len(answer) / 2)), (_PUBACK, *answer))


VOTE: Final = _recorded(
    "a roll-call vote and its receipt",
    _up(messages.vote(), "rec"),
    _down(messages.receipt(), "ack"),
)
PREPARED: Final = _recorded(
    "a secret ballot prepared, and the answer",
    _up(messages.prepared(), "board"),
    _down(messages.board_answer(), "ack"),
)
CAST: Final = _recorded(
    "a secret ballot cast, and the answer",
    _up(messages.cast(), "board"),
    _down(messages.board_answer(), "ack"),
)
HEALTH: Final = Exchange("a health report", (*_up(messages.health(), "health"), 0), (_PUBACK,))
REPEATS: Final = Exchange(
    "what is in force, once",
    (0,) * len(_IN_FORCE),
    tuple(
        length
        for kind, payload in _IN_FORCE.items()
        for length in _down(payload, "twin" if kind.startswith("twin") else "all")
    ),
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
    return (idle * SLOT_US + busy * (air_us + AIFS_US)) / success


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
    wait = AIFS_US + (CW_MIN - 1) / 2 * SLOT_US
    return (exchange.air_us + wait * len(exchange.frames)) * FRAME_RETRIES


def beacon_us() -> float:
    return ofdm_us(BEACON_BYTES, BEACON_MBIT) + DIFS_US


@dataclass(frozen=True, slots=True)
class Air:
    """What so many keypads need of the three channels."""

    keypads: int

    @property
    def access_points(self) -> int:
        apart = min(CHANNELS, math.ceil(self.keypads / CLIENTS_A_CHANNEL))
        return max(apart, math.ceil(self.keypads / CLIENTS_AN_AP))

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

    def all_in_s(self, exchange: Exchange) -> float:
        """Everybody's exchange begins in one instant; the rest of the air is what BUSY leaves."""
        left = 1 - self.busy
        return drain_s(self.on_a_channel, exchange) / left if left > 0 else math.inf

    @property
    def burst_s(self) -> float:
        """All votes of a roll call, pressed in one instant."""
        return self.all_in_s(VOTE)

    @property
    def secret_s(self) -> float:
        """All ballots of a secret question, which leave in one moment of the grid whenever pressed."""
        return self.all_in_s(CAST)

    @property
    def given_up(self) -> float:
        """Share of the frames that the radio gives up while everybody is still waiting."""
        return collision_chance(self.on_a_channel) ** TRIES

    @property
    def fits(self) -> bool:
        return (
            self.busy <= BUSY_MAX
            and self.burst_s <= BURST_S_MAX
            and self.secret_s <= GRID_S
            and self.given_up <= GIVEN_UP_MAX
        )

    def update_min(self, length: int) -> float:
        """Minutes to bring so many bytes to everybody, nothing lost and nothing said besides."""
        return self.on_a_channel * length * 8 / (UPDATE_MBIT * 1e6) / 60


def most_keypads() -> int:
    """So many fit on the three channels of one hall."""
    return max(count for count in range(1, 3000, 3) if Air(count).fits)


def wired_burst_s(keypads: int, exchange: Exchange) -> float:
    """The same through the hall server's one port of 1 Gbit/s, the busier direction."""
    busier = max(_on_ethernet(exchange.up), _on_ethernet(exchange.down))
    return keypads * busier * 8 / (ETHERNET_MBIT * 1e6)


def wired_busy(keypads: int) -> float:
    """Share of that port that is taken all the time, down."""
    a_second = _on_ethernet(REPEATS.down) / REPEAT_S + _on_ethernet(HEALTH.down) / HEALTH_S
    return keypads * a_second * 8 / (ETHERNET_MBIT * 1e6)


def _on_ethernet(payloads: tuple[int, ...]) -> int:
    """Bytes. Even an empty one is longer than the shortest frame of Ethernet."""
    return sum(payloads) + len(payloads) * (TCP_IP_BYTES + ETHERNET_BYTES)
