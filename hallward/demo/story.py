"""The demo, step by step: enrol, open, walk in, vote, withdraw, elect in secret, recount. Every number is
checked at the end."""

import argparse
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from hallward.demo import entry, secret, sitting, withdrawal
from hallward.demo.api import Api, ApiError
from hallward.demo.children import run_to_end
from hallward.demo.hall import CONGRESS, GATES, HOST, Hall, make_hall
from hallward.demo.narrator import Check, Narrator
from hallward.demo.officers import Officers
from hallward.demo.people import Cast, cast
from hallward.demo.recount import recount

READY_S = 60.0


def play(given: argparse.Namespace) -> int:
    """Exit status 0 only if every number is as expected. Raises HallError when a step cannot be done."""
    _end_by(signal.default_int_handler)
    narrator = Narrator()
    faces, models = _faces_and_models(given.faces, narrator)
    people = cast(faces, given.keypads)
    narrator.say(
        f"{len(people.delegates)} delegates, {sum(1 for d in people.delegates if d.probe)} of them by face, "
        f"{len(people.strangers)} strangers"
    )
    hall = make_hall(given.folder, models, given.port, given.keypads, given.broker, narrator.say)
    try:
        checks = _sit(hall, people, narrator)
        narrator.table(checks)
        wrong = sum(not check.holds for check in checks)
        narrator.say("every number is as expected" if not wrong else f"numbers not as expected: {wrong}")
        if not given.once:
            _stay(hall, narrator)
        return 1 if wrong else 0
    finally:
        _end_by(signal.SIG_IGN)  # an impatient second Ctrl-C must not leave half a hall running
        hall.children.stop_all()
        hall.cable.close()
        hall.claim.close()


def _end_by(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    """Ctrl-C, SIGTERM and a closed terminal end the demo alike; under nohup it outlives the terminal."""
    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGINT, handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, handler)


def _faces_and_models(faces: Path | None, narrator: Narrator) -> tuple[Path, Path]:
    from models import commands, places
    from models.cache import cache_folder

    cache = cache_folder(os.environ)
    outcome = commands.prepare(cache)
    for missing in outcome.failures:
        narrator.say(missing.diagnostics())
    if outcome.done:
        narrator.say("face models and photographs are fetched, built and checked by hash")
    return faces or places.photograph_folder(cache), places.package_folder(cache)


def _sit(hall: Hall, people: Cast, narrator: Narrator) -> list[Check]:
    with Officers(hall.folder / "officers", CONGRESS) as officers:
        return _course(hall, people, officers, narrator)


def _course(hall: Hall, people: Cast, officers: Officers, narrator: Narrator) -> list[Check]:
    secretariat, usher = _start(hall, officers, narrator)
    members = sitting.enrol(hall, secretariat, people, narrator)
    sitting.open_sitting(hall, secretariat, members, narrator)
    narrator.say(f"the sitting is open, {narrator.elapsed_s:.1f} s after the start")
    came = entry.walk_in(hall, secretariat, usher, people, members, narrator)
    voted = sitting.vote(hall, secretariat, members, narrator)
    withdrew = withdrawal.withdraw(hall, secretariat, members, narrator)
    elected = secret.vote_secretly(hall, secretariat, officers, narrator)
    return [*came, *voted, *withdrew, *elected, *recount(hall, secretariat, narrator)]


def _start(hall: Hall, officers: Officers, narrator: Narrator) -> tuple[Api, Api]:
    """Charter, fleet, accounts, devices; the secretariat and an usher, signed in."""
    hall.charter = officers.founded().charter
    run_to_end(["fleet", "charter", str(hall.charter), "--data", str(hall.folder / "fleet")])
    narrator.say("the officers of the congress have keys of their own, and a charter that names them")
    hall.children.start("fleet", ["fleet", "serve", "--data", str(hall.folder / "fleet")], hall.hear)
    narrator.until("starting the fleet", lambda: int(_up(hall)), 1, READY_S, hall.children.check)
    admin = hall.first_admin()
    hall.account("technician", ["technician"], admin)
    secretariat = hall.account("secretariat", ["secretariat", "auditor"], admin)
    usher = hall.account("usher", ["usher"], admin)
    hall.account("viewer", ["board", "staff"], admin)
    narrator.say("the fleet is up: broker, ingest and API, each its own process")
    hall.provision()
    hall.start_devices()
    narrator.say(f"{len(GATES)} gates and {len(hall.keypads)} keypads are provisioned and start")
    return secretariat, usher


def _up(hall: Hall) -> bool:
    try:
        return hall.code_heard.is_set() and Api(HOST, hall.api_port).get("/healthz") is not None
    except ApiError:
        return False


def _stay(hall: Hall, narrator: Narrator) -> None:
    print(
        f"\n    The page:  {hall.address}/\n    sign in as viewer, password {hall.passwords['viewer']}\n"
        f"    Everything of this run is in {hall.folder}. Ctrl-C ends it.\n",
        flush=True,
    )
    ended = threading.Event()
    try:
        while not ended.wait(1.0):
            hall.children.check()
    except KeyboardInterrupt:
        narrator.say("stopping")
