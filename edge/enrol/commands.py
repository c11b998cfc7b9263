"""`enrol serve` and `enrol withdraw`: composition, and what is said on the terminal."""

import argparse
import getpass
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from edge.device.adapters.system_clock import SystemClock
from edge.device.errors import ConfigError
from edge.enrol.adapters.desk_server import hosts_of, listen, serve
from edge.enrol.adapters.fleet_api import FleetApi, open_client
from edge.enrol.adapters.key_file import KEY_FILE, content_key
from edge.enrol.adapters.preview import encode_preview
from edge.enrol.adapters.sealed_shelf import SealedShelf, congress_of
from edge.enrol.consent import Channel, consent_texts
from edge.enrol.counter import Counter, Workplace, withdraw
from edge.enrol.finding import member_typed
from edge.enrol.gates import gate_key
from edge.enrol.guard import Door
from edge.enrol.lens import Lens
from edge.enrol.opened import references_of
from edge.enrol.ports import SETTLED, FleetDown, GateProof, GateState
from edge.enrol.sending import Seal, sign_in
from edge.enrol.web import create_app
from edge.rollcall_gate.adapters.cameras import KINDS, open_camera
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.vision import models_in, open_pipeline
from edge.rollcall_gate.ports import Camera
from wire.ids import CongressId, MemberRef, is_name

PROOF_WAIT_S: Final = 20.0
_POLL_S: Final = 1.0
_TOKEN_BYTES: Final = 18
_PROOF_WORDS: Final[Mapping[GateState, str]] = {
    "deleted": "deleted, line {leaf} of the log",
    "superseded": "superseded by something later; nothing is waited for",
    "waiting": "waiting",
    "revoked": "revoked, cannot answer any more; tell the secretariat",
}
_EPILOG: Final = (
    "Open the printed address in a browser on this machine; it is good once. --camera v4l2:/dev/video0, "
    "picamera2:0, or recorded:FOLDER for a trial without one."
)


def run_serve(words: Sequence[str]) -> int:
    """The page, until it is stopped. Raises ConfigError, ModelError, StoreError."""
    parser = argparse.ArgumentParser(prog="enrol serve", description="The enrolment desk.", epilog=_EPILOG)
    parser.add_argument(
        "station", type=Path, help="folder of this station: its content key, its sealed copies"
    )
    parser.add_argument("--congress", required=True)
    parser.add_argument("--models", type=Path, required=True, help="folder of the converted models")
    parser.add_argument("--port", type=int, default=0, help="of the page; left out: a free one")
    parser.add_argument("--name", default="desk", help="of this desk, for the consent ledger")
    parser.add_argument("--camera", metavar="KIND:PLACE", help="left out: photographs are uploaded only")
    parser.add_argument(
        "--replace-key", action="store_true", help="give gates this key for another station's"
    )
    parser.add_argument(
        "--gate",
        action="append",
        default=[],
        metavar="ID=KEY",
        help="a gate's sealing key, as `hallward gate check` prints it on that gate; once is enough",
    )
    _add_fleet(parser)
    arguments = parser.parse_args(words)
    gates = dict(gate_key(text) for text in arguments.gate)
    for option, value in (("--congress", arguments.congress), ("--name", arguments.name)):
        if not is_name(value):
            raise ConfigError(f"{option} {value}: 1 to 32 of a-z, 0-9 and '-' expected")
    now_ms = SystemClock().monotonic_ms
    lens = Lens(camera_of(arguments.camera, now_ms), encode_preview, now_ms, _wait)
    congress = CongressId(arguments.congress)
    with (
        closing(listen(arguments.port)) as listener,
        closing(FleetApi(open_client(arguments.fleet, arguments.fleet_ca))) as fleet,
        closing(SealedShelf(arguments.station, congress)) as shelf,
    ):
        key = content_key(arguments.station / KEY_FILE, os.urandom)
        seal = Seal(congress, key, arguments.replace_key, gates)
        pipeline = open_pipeline(models_in(arguments.models))
        _check(shelf, seal, pipeline)
        place = Workplace(
            arguments.name, seal, pipeline, shelf, fleet, consent_texts(), lens, os.urandom, now_ms
        )
        door = Door(
            hosts_of(listener), secrets.token_urlsafe(_TOKEN_BYTES), secrets.token_urlsafe(_TOKEN_BYTES)
        )
        host, port = listener.getsockname()
        print(f"the desk is open, once, at http://{host}:{port}/#{door.token}", flush=True)
        serve(create_app(Counter(place), door), listener)
    return 0


def run_withdraw(words: Sequence[str]) -> int:
    """Withdrawal without the page. Exit status: 0 it is settled at every gate, 1 a gate is waited for or
    cannot answer any more."""
    parser = argparse.ArgumentParser(
        prog="enrol withdraw",
        description="Delete a member's references here, at the fleet and at every gate.",
    )
    parser.add_argument("station", type=Path, help="folder of this station")
    parser.add_argument("--member", required=True, help="the member's pseudonym, 32 hexadecimal digits")
    parser.add_argument("--account", required=True, help="of the fleet; its password is asked for")
    parser.add_argument("--channel", choices=[channel.value for channel in Channel], default="desk")
    parser.add_argument("--wait", type=float, default=PROOF_WAIT_S, metavar="S", help="for the gates' words")
    _add_fleet(parser)
    arguments = parser.parse_args(words)
    member = member_typed(arguments.member)
    if member is None:
        raise ConfigError(f"--member {arguments.member}: 32 hexadecimal digits expected")
    with (
        closing(FleetApi(open_client(arguments.fleet, arguments.fleet_ca))) as fleet,
        closing(SealedShelf(arguments.station, congress_of(arguments.station))) as shelf,
    ):
        return _withdraw(fleet, shelf, member, arguments)


def _withdraw(fleet: FleetApi, shelf: SealedShelf, member: MemberRef, arguments: argparse.Namespace) -> int:
    channel = Channel(arguments.channel)
    try:
        sign_in(fleet, arguments.account, _password(), congress_of(arguments.station))
        is_told = withdraw(fleet, shelf, member, channel)
    except FleetDown:  # before anybody could sign in
        try:
            shelf.note_withdrawal(member, channel)
        finally:
            shelf.remove(member)
        is_told = False
    if not is_told:
        print("deleted here; the fleet does not answer: run this again, or start the desk", file=sys.stderr)
        return 1
    print("deleted here and at the fleet; the badge stays good")
    until = time.monotonic() + arguments.wait
    proofs = fleet.proofs(member)
    while _waits(proofs) and time.monotonic() < until:
        _wait(int(_POLL_S * 1000))
        proofs = fleet.proofs(member)
    fleet.sign_out()
    for proof in proofs:
        print(f"{proof.gate}: {_PROOF_WORDS[proof.state].format(leaf=proof.leaf)}")
    return 0 if all(proof.state in SETTLED for proof in proofs) else 1


def _waits(proofs: Sequence[GateProof]) -> bool:
    return any(proof.state == "waiting" for proof in proofs)


def _check(shelf: SealedShelf, seal: Seal, pipeline: Pipeline) -> None:
    """Raises ConfigError when the key is not the one that sealed what is kept here."""
    kept, embedder = shelf.all(), pipeline.embedder
    opened = references_of(kept, congress=seal.congress, content_key=seal.content_key, embedder=embedder)
    others = len(kept) - len({reference.member for reference in opened})
    if others:
        print(f"{others} were enrolled here with another model and are not compared; enrol them again")


def _add_fleet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fleet", required=True, metavar="URL", help="as in http://127.0.0.1:8080")
    parser.add_argument(
        "--fleet-ca", type=Path, metavar="FILE", help="certificate behind an https fleet's own"
    )


def camera_of(text: str | None, now_ms: Callable[[], int]) -> Callable[[], Camera] | None:
    """KIND:PLACE -> what opens it. Raises ConfigError."""
    if text is None:
        return None
    kind, _, place = text.partition(":")
    if kind not in KINDS or kind == "simulated" or not place:
        raise ConfigError(f"--camera {text}: v4l2:/dev/video0, picamera2:0 or recorded:FOLDER expected")
    return lambda: open_camera(kind, device=place, folder=Path(place), now_ms=now_ms)


def _wait(ms: int) -> None:
    time.sleep(ms / 1000)


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("password of the fleet account: ")
    return sys.stdin.readline().rstrip("\n")
