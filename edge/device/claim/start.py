"""From a card with a seed to a device's folder: the part that a gate and a keypad share."""

import faulthandler
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.device.adapters.claim_folder import ClaimFolder
from edge.device.adapters.keystore import KEY_FILE, describe
from edge.device.adapters.process import end_on_signals, log_to_stderr, stop_on_signals
from edge.device.adapters.seed_file import is_device, read_seed
from edge.device.adapters.system_clock import SystemClock
from edge.device.adapters.systemd_notify import SystemdNotify
from edge.device.claim.pages import Page, Situation, Words, page_of
from edge.device.claim.ports import Presence
from edge.device.claim.run import Claiming, Surroundings
from edge.device.claim.seed import Seed
from edge.device.claim.speaking import Means, Speaking
from edge.device.claim.table import State
from edge.device.config import DeskAddress, DeviceConfig
from edge.device.start import SOFTWARE

STDERR: Final = 2
Look = Callable[[], Page]


@dataclass(frozen=True, slots=True)
class Role:
    """What a kind of device brings to its claim. button: what its own is called. open_presence: real or
    simulated, as the seed says; its Look gives the page of now, for the hands of a simulation. check_parts:
    raises ConfigError when the table of the role is wrong."""

    name: str
    button: Words
    open_presence: Callable[[Path, Seed, Look], Presence]
    check_parts: Callable[[DeviceConfig], object]


def claim(path: Path, role: Role) -> bool:
    """Make this folder a device's, with whoever stands before the machine. False: stopped by a signal first.

    Returns at once for a folder that is one. Raises ConfigError, StoreError; DeviceError when its button does
    not answer, or another process is at it.
    """
    if is_device(path):
        return True
    from edge.device.adapters.desk_tls import DeskConnection  # noqa: PLC0415  # only before a claim
    from edge.device.adapters.discovery import MdnsDiscovery  # noqa: PLC0415  # only before a claim

    seed = read_seed(path, role.name)
    home = ClaimFolder(path, seed)
    home.root()  # said before anything is shown
    home.take()
    try:
        if is_device(path):  # by a process that held it until just now
            return True
        log_to_stderr(seed.serial or role.name)
        faulthandler.enable(STDERR)

        def connect(desk: DeskAddress) -> DeskConnection:
            return DeskConnection(desk.host, desk.port, path)

        clock = SystemClock()
        means = Means(seed, home, MdnsDiscovery(), connect, clock, SOFTWARE, role.check_parts)
        shown: list[Claiming] = []
        first = page_of(State.LOOKING, Situation(seed.serial or ""), role.button)
        presence = role.open_presence(path, seed, lambda: shown[0].page if shown else first)
        around = Surroundings(presence, clock, random.random, SystemdNotify.of_this_process(), role.button)
        shown.append(Claiming(Speaking(means), around))
        stop_on_signals(shown[0].stop)
        return shown[0].run()
    finally:
        end_on_signals()  # a device that is still being built has no loop that could be stopped
        logging.getLogger().handlers.clear()  # from here on it speaks under its name as a device
        home.let_go()


def how_far(path: Path, role: Role) -> list[str]:
    """What there is of a claim, in words, for `check`. Raises ConfigError."""
    seed = read_seed(path, role.name)
    home = ClaimFolder(path, seed)
    home.root()
    desk = f"{seed.desk.host}:{seed.desk.port}" if seed.desk else "a desk that announces itself by mDNS"
    has_asked = (path / "state" / "claim" / "request.csr").exists()
    return [
        f"{path} is nobody's device yet: seed.toml makes it a {role.name}, claimed at {desk}",
        "root.crt is in order: only a desk under it is believed",
        _of_the_key(path, seed),
        "it is running: do what it shows"
        if home.is_taken
        else "it has asked a desk, or is about to: start it, and do what it shows"
        if has_asked
        else "it has asked no desk yet: start it",
    ]


def _of_the_key(path: Path, seed: Seed) -> str:
    if seed.identity.in_element:
        return f"its key lives in {describe(seed.identity)}"
    return (
        "its key is made"
        if (path / KEY_FILE).exists()
        else "its key is not made yet: the first start makes it"
    )
