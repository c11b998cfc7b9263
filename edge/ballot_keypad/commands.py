"""What `hallward keypad` does: run a device folder, or check one."""

from pathlib import Path

from ballot.group import BASE
from ballot.seeds import fingerprint
from edge.ballot_keypad.app import build
from edge.ballot_keypad.config import KeypadConfig, keypad_config
from edge.ballot_keypad.election import election_of
from edge.ballot_keypad.secret.trust import Pinned
from edge.device import start
from edge.device.adapters.process import leave_no_core
from edge.device.adapters.seed_file import is_device
from edge.device.adapters.system_clock import SystemClock
from edge.device.errors import DeviceError
from edge.device.start import check_folder, identity_words, run_folder
from edge.device.updating.start import update_words

ROLE = "keypad"


def run(folder: Path) -> int:
    """Be the keypad of this folder until SIGTERM; first be claimed, where it has only a seed. Raises
    ConfigError (exit 78), StoreError, DeviceError (exit 1)."""
    leave_no_core()  # seed and choice live in this memory (HV-1 rule 10)
    if is_device(folder) or _claimed(folder):
        return run_folder(folder, ROLE, build)
    return 0


def check(folder: Path) -> int:
    """Everything but the network, keys and display included; says what is found. 1: a part does not answer.
    Of a folder that nobody has claimed yet: how far it is. Raises as `run` does."""
    if not is_device(folder):
        return _say_how_far(folder)
    found = check_folder(folder, ROLE)
    device = found.identity.config
    config = keypad_config(device.firmware, str(folder / "device.toml"), simulated=device.hands)
    print(f"{device.device} in {device.hall}: folder, key and outbox are in order")
    print(identity_words(found))
    print(update_words(found))
    election = election_of(found)
    if election is None:
        print("charter: none is pinned; this keypad takes part in no secret question")
    else:
        charter = election.charter
        print(f"charter of {charter.congress}: {fingerprint(charter.hash)}, {charter.fingerprint}")
        print(
            "libsodium: in order" if _computes(election) else "libsodium: does not compute; install it again"
        )
    faults = () if device.hands else _faults(config, device.language)
    for fault in faults:
        print(f"{fault.code}: {fault.diagnostics()}")
    if not faults:
        print("keys, display, tones: " + ("simulated" if device.hands else "in order"))
    is_whole = not faults and (election is None or _computes(election))
    return 0 if is_whole else 1


def _claimed(folder: Path) -> bool:
    """False: stopped before. What a claim needs is loaded for a claim alone."""
    from edge.ballot_keypad import claiming  # noqa: PLC0415  # see above
    from edge.device.claim.start import claim  # noqa: PLC0415  # see above

    return claim(folder, claiming.ROLE)


def _say_how_far(folder: Path) -> int:
    from edge.ballot_keypad import claiming  # noqa: PLC0415  # as _claimed
    from edge.device.claim.start import how_far  # noqa: PLC0415  # as _claimed

    print("\n".join(how_far(folder, claiming.ROLE)))
    return 1


def _faults(config: KeypadConfig, language: str) -> tuple[DeviceError, ...]:
    """What does not answer. The display shows for a moment that it does."""
    from edge.ballot_keypad.adapters.hardware import open_hardware  # noqa: PLC0415  # on hardware

    hardware = open_hardware(config, SystemClock().monotonic_ms, language)
    try:
        return hardware.faults
    finally:
        hardware.close()


def _computes(election: Pinned) -> bool:
    """The base point times 1 is the base point (RFC 9496)."""
    return election.group.base(1) == BASE


def new_epoch(folder: Path) -> int:
    """Keep the outbox aside and let another epoch begin. Raises ConfigError, StoreError."""
    print(start.new_epoch(folder, ROLE))
    return 0
