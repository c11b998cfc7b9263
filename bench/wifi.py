"""A modelled Wi-Fi: access points whose air is shared, that lose packets and clients the more the fuller they
are.

It is a model, of the order of magnitude of a hall full of cheap single-antenna clients at 2.4 GHz; no radio
was measured for it. What it is for: ways to update are compared on the very same one. Deterministic by seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
_BIT: Final = 8


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the model assumes; printed with every result."""

    access_points: int = 8
    usable_mbit: float = 25.0
    """Of each access point down to its clients, at most: the rest of its air is the hall's own."""
    phy_mbit: tuple[float, ...] = (65.0, 52.0, 39.0, 26.0, 13.0, 6.5)
    """802.11n, one stream, 20 MHz: by distance …"""
    phy_share: tuple[float, ...] = (0.30, 0.25, 0.20, 0.15, 0.07, 0.03)
    """… and the share of clients that have it. Packets go in turn: a slow client slows all of them."""
    mac_efficiency: float = 0.60
    """Of the PHY rate, with aggregation; divided by 1 + contention × other active clients."""
    contention: float = 0.002
    loss: float = 0.0005
    """Of TCP segments behind the retries of the radio, and so much more with every other active client."""
    loss_per_client: float = 0.00008
    round_trip_s: float = 0.010
    """And so much more with every active client, whose packets stand in the queue."""
    round_trip_per_client_s: float = 0.004
    drops_per_h: float = 1.0
    """Connections that break, per client; and so many more with every active client above `flooded`."""
    drops_per_h_per_client: float = 0.02
    flooded: int = 30
    refused_per_client: float = 0.001
    """Chance that a new association or connection fails, per active client above `flooded`; at most 0.8."""
    connect_s: float = 1.0
    connect_bytes: int = 6_000
    """Association, TCP and TLS."""

    def words(self) -> list[str]:
        """A line each."""
        return [f"  {field.name} = {getattr(self, field.name)}" for field in fields(self)]


class Air:
    """The access points and where the clients are. The same object serves every night that is compared.
    places: the number of its access point, of each client."""

    def __init__(self, places: Sequence[int], seed: int, assumed: Assumptions | None = None) -> None:
        self.assumed = assumed or Assumptions()
        self.clients = clients = len(places)
        self._seed = seed
        dice = np.random.default_rng(seed)
        self.place = np.array(places)
        shares = np.array(self.assumed.phy_share)
        self._phy = (
            dice.choice(np.array(self.assumed.phy_mbit), clients, p=shares / shares.sum()) * 1e6 / _BIT
        )

    def dice(self) -> np.random.Generator:
        """The chances of a night: the same ones for each."""
        return np.random.default_rng(self._seed + 1)

    def active_beside(self, active: Bools) -> Floats:
        """How many are active behind each client's access point."""
        counts = np.bincount(self.place[active], minlength=self.assumed.access_points)
        beside: Floats = counts[self.place].astype(np.float64)
        return beside

    def rates(self, active: Bools) -> Floats:
        """Bytes a second that reach each client; 0 for those that are not active."""
        a = self.assumed
        beside = np.maximum(self.active_beside(active), 1.0)
        turns = np.bincount(self.place[active], weights=1.0 / self._phy[active], minlength=a.access_points)[
            self.place
        ]
        efficiency = a.mac_efficiency / (1 + a.contention * (beside - 1))
        shared = efficiency / np.maximum(turns, 1e-12)
        usable = a.usable_mbit * 1e6 / _BIT / beside
        loss = np.minimum(0.05, a.loss + a.loss_per_client * (beside - 1))
        round_trip_s = a.round_trip_s + a.round_trip_per_client_s * beside
        tcp = 1.22 * 1460 / (round_trip_s * np.sqrt(loss))  # Mathis et al., 1997
        return np.where(active, np.minimum(np.minimum(shared, usable), tcp), 0.0)

    def drop_chance(self, active: Bools, step_s: float) -> Floats:
        """That a connection breaks within so many seconds."""
        a = self.assumed
        above = np.maximum(0.0, self.active_beside(active) - a.flooded)
        per_s = (a.drops_per_h + a.drops_per_h_per_client * above) / 3600
        chance: Floats = 1 - np.exp(-per_s * step_s)
        return chance

    def refuse_chance(self, active: Bools) -> Floats:
        """That a new connection does not come about."""
        above = np.maximum(0.0, self.active_beside(active) - self.assumed.flooded)
        return np.minimum(0.8, self.assumed.refused_per_client * above)


class Downloads:
    """Who fetches what over this air. resumes: a broken download goes on where it was; otherwise it begins
    again."""

    def __init__(self, air: Air, resumes: bool) -> None:
        self._air, self._resumes, self._dice = air, resumes, air.dice()
        count = air.clients
        self._wanted = np.zeros(count)
        self._got = np.zeros(count)
        self._is_wanted = np.zeros(count, dtype=np.bool_)
        self._is_connected = np.zeros(count, dtype=np.bool_)
        self._tries_at_s = np.zeros(count)
        self.retries = 0
        self.bytes_sent = 0.0
        """Over the air, with what was thrown away and with connecting."""
        self.busiest = 0
        """So many were active behind one access point at a time."""

    @property
    def is_idle(self) -> bool:
        return not self._is_wanted.any()

    def begin(self, client: int, length: int, now_s: float) -> None:
        self._wanted[client], self._got[client] = length, 0.0
        self._is_wanted[client], self._is_connected[client] = True, False
        self._tries_at_s[client] = now_s + self._air.assumed.connect_s

    def stop(self, client: int) -> None:
        self._is_wanted[client] = self._is_connected[client] = False

    def step(self, now_s: float, step_s: float) -> NDArray[np.intp]:
        """Let so much time pass; the clients whose download has ended by then."""
        self._connect(now_s)
        active = self._is_connected & self._is_wanted
        if not active.any():
            return np.flatnonzero(active)
        self.busiest = max(self.busiest, int(self._air.active_beside(active).max()))
        sent = np.minimum(self._air.rates(active) * step_s, self._wanted - self._got)
        self._got += np.where(active, sent, 0.0)
        self.bytes_sent += float(sent[active].sum())
        ended = active & (self._got >= self._wanted)
        self._is_wanted &= ~ended
        self._is_connected &= ~ended
        self._break(active & ~ended, now_s, step_s)
        return np.flatnonzero(ended)

    def _connect(self, now_s: float) -> None:
        a = self._air.assumed
        tries = self._is_wanted & ~self._is_connected & (self._tries_at_s <= now_s)
        if not tries.any():
            return
        self.bytes_sent += a.connect_bytes * int(tries.sum())
        refused = tries & (
            self._dice.random(len(tries)) < self._air.refuse_chance(self._is_connected | tries)
        )
        self._is_connected |= tries & ~refused
        self._again(refused, now_s)

    def _break(self, active: Bools, now_s: float, step_s: float) -> None:
        broken = active & (self._dice.random(len(active)) < self._air.drop_chance(active, step_s))
        self._is_connected &= ~broken
        if not self._resumes:
            self._got = np.where(broken, 0.0, self._got)
        self._again(broken, now_s)

    def _again(self, failed: Bools, now_s: float) -> None:
        """Five to fifteen seconds later."""
        count = int(failed.sum())
        self.retries += count
        self._tries_at_s[failed] = now_s + self._dice.uniform(5.0, 15.0, count)
