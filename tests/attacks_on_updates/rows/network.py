"""Whoever answers in the listener's place, with no key at all."""

import itertools
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root

from tests.attacks_on_updates.hall import NEIGHBOUR, Answer, Hall, Served, bundle, path_of, signed
from tests.attacks_on_updates.row import Rows, Stage
from tests.edge.device.hall_desk import make_hall
from tests.edge.device.updates.listener import Listening, Say, content, error
from tests.release.making import officers_of

ROWS = Rows("the network", "no key; the wire, and copies of what was said before")
IMAGE, DIRECTOR = "/image/metadata/", "/director/metadata/"
MANY = 64
DRIPS = 60
"""Longer than the device looks on; and an end, for when it does."""


@ROWS.attack(
    "answers with yesterday's metadata for ever, so that a device misses what mends it (freeze)",
    by="edge.device.adapters.tuf_catalogue._refreshed",
    said="waits: expired",
    gains="a day: so long a timestamp holds",
)
def freeze(stage: Stage) -> str:
    stage.hall.now += timedelta(days=1, seconds=1)
    return stage.ask()


@ROWS.attack(
    "the same while it holds, after the director has named a newer release",
    by="edge.device.updating.weigh._check_assigned",
    said="refused: not-assigned",
    gains="a day",
)
def freeze_within_its_time(stage: Stage) -> str:
    return stage.ask(3)


@ROWS.attack(
    "plays what was genuine before, and has not expired, to a device that has seen newer (rollback)",
    by="tuf.ngclient._internal.trusted_metadata_set.TrustedMetadataSet.update_timestamp",
    said="refused: older",
)
def rollback(stage: Stage) -> str:
    old = _newer_was_seen(stage)
    return stage.each((IMAGE, DIRECTOR, "/"), lambda where: stage.served.update(_of(old, where)))


@ROWS.attack(
    "the same after a power cut that took all metadata that were kept here",
    by="edge.device.adapters.tuf_catalogue._check_floors",
    said="refused: older",
)
def rollback_after_a_power_cut(stage: Stage) -> str:
    old = _newer_was_seen(stage)

    def attack(where: str) -> None:
        stage.device.power_cut()
        stage.served.update(_of(old, where))

    return stage.each((IMAGE, DIRECTOR, "/"), attack)


def _newer_was_seen(stage: Stage) -> Served:
    """What named release 2, while the device has believed what names release 3 for the same order."""
    old = Served(dict(stage.served))
    stage.hall.put_out(3)
    stage.hall.assign(path_of(3), 2)
    stage.hall.publish()
    stage.install(2)
    return old


def _of(served: Served, where: str) -> dict[str, bytes | Answer]:
    return {path: said for path, said in served.files.items() if path.startswith(where)}


@ROWS.attack(
    "puts together what was never together: the models of release 1 with all else of release 2, the snapshot "
    "of yesterday with the timestamp of today (mix-and-match)",
    by="tuf.api.metadata.MetaFile.verify_length_and_hashes",
    said="refused: wrong-hash",
)
def mix_and_match(stage: Stage) -> str:
    def swap(name: str) -> None:
        stage.served[f"{IMAGE}2.{name}"] = stage.served[f"{IMAGE}1.{name}"]

    return stage.each(("models.json", "snapshot.json"), swap)


@ROWS.attack(
    "sends metadata without end",
    by="edge.device.adapters.tuf_catalogue.LIMITS",
    said="refused: endless",
)
def endless_metadata(stage: Stage) -> str:
    names = (
        f"{IMAGE}timestamp.json",
        f"{IMAGE}2.root.json",
        f"{DIRECTOR}2.snapshot.json",
        f"{DIRECTOR}2.targets.json",
    )

    def endless(path: str) -> None:
        stage.served[path] = lambda: itertools.repeat(b" " * 65536, MANY)

    return stage.each(names, endless)


@ROWS.attack(
    "sends a target without end",
    by="edge.device.adapters.update_https._write",
    said="refused: endless",
)
def endless_target(stage: Stage) -> str:
    stage.served[stage.hall.url(path_of(2))] = lambda: itertools.repeat(b"x" * 65536, MANY)
    said, most = stage.ask(), stage.hall.target(path_of(2)).length
    kept = sum(path.stat().st_size for path in (stage.device.state / "parts").iterdir())
    return said if kept <= most else f"{said}, with {kept} bytes on the disk"


@ROWS.attack(
    "drips headers, metadata or a target, byte by byte, so that the device is busy for ever (slow retrieval)",
    by="edge.device.adapters.update_https.Pace.took",
    said="refused: slow, waits: slow",
    gains="delay, while they answer in the hall's place",
    slow=True,
)
def slow_retrieval(stage: Stage) -> str:
    with tempfile.TemporaryDirectory() as name:
        hall = make_hall(Path(name))
        with Listening(hall, hall.folder()) as listening:
            stage.device.listener = listening.client(window_s=0.2)
            return stage.each(("headers", ".json", ".tar"), lambda what: _drip(stage, listening, what))


def _drip(stage: Stage, listening: Listening, what: str) -> None:
    def answer(path: str, headers: dict[str, str], say: Say) -> None:
        if what != "headers" and not path.endswith(what):
            said = stage.served.get(path)
            (content(said) if isinstance(said, bytes) else error(404))(path, headers, say)
            return
        say(b"HTTP/1.1 200 OK\r\n" + (b"" if what == "headers" else b"Content-Length: 20480\r\n\r\n"))
        for _ in range(DRIPS):
            say(b"x: y\r\n" if what == "headers" else b"x")
            threading.Event().wait(0.02)
        raise ConnectionAbortedError

    listening.says(answer)


@ROWS.attack(
    "says that there is nothing",
    by="edge.device.adapters.tuf_catalogue._verdicts",
    said="waits",
    gains="delay, while they answer in the hall's place",
)
def nothing_there(stage: Stage) -> str:
    def withhold(path: str) -> None:
        del stage.served[path]

    target = stage.hall.url(path_of(2))
    return stage.each((f"{IMAGE}timestamp.json", f"{DIRECTOR}2.targets.json", target), withhold)


@ROWS.attack(
    "swaps the content of a target for another of the same length",
    by="edge.device.adapters.parts_folder.PartsFolder.is_genuine",
    said="refused: wrong-hash",
)
def swapped_content(stage: Stage) -> str:
    stage.served[stage.hall.url(path_of(2))] = bundle(9)
    return stage.ask()


@ROWS.attack(
    "cuts a target short",
    by="edge.device.adapters.update_https._write",
    said="refused: wrong-hash",
)
def truncated_target(stage: Stage) -> str:
    stage.served[stage.hall.url(path_of(2))] = bundle(2)[:-512]
    return stage.ask()


@ROWS.attack(
    "answers with the repositories of another hall, genuine there",
    by="tuf.api.metadata.Root.verify_delegate",
    said="refused: unsigned",
)
def another_hall(stage: Stage) -> str:
    with tempfile.TemporaryDirectory() as name:
        other = Hall(Path(name))
        other.put_out(2)
        other.assign(path_of(2), 2)
        other.version = 100
        other.publish()
    theirs = other.served
    return stage.each((IMAGE, DIRECTOR, "/"), lambda where: stage.served.update(_of(theirs, where)))


@ROWS.attack(
    "signs metadata anew with keys of its own: timestamps, lists, a root in which every role is its own",
    by="tuf.api.metadata.Root.verify_delegate",
    said="refused: unsigned",
)
def signed_by_strangers(stage: Stage) -> str:
    hall, (thief,) = stage.hall, officers_of(1)

    def sign(what: str) -> None:
        match what:
            case "image":
                hall.sign_image(thief, 3, hall.newest())
            case "director":
                hall.sign_director(thief, 3, hall.named)
            case root:
                hall.served.files[root] = _own_root(hall.served, root.replace("/2.", "/1."), thief)

    return stage.each(("image", "director", f"{IMAGE}2.root.json", f"{DIRECTOR}2.root.json"), sign)


def _own_root(served: Served, path: str, thief: CryptoSigner) -> bytes:
    """The root's next version, in which every role is the thief's."""
    data = served.files[path]
    assert isinstance(data, bytes)
    root = Metadata[Root].from_bytes(data).signed
    root.version = 2
    root.keys = {thief.public_key.keyid: thief.public_key}
    for role in root.roles.values():
        role.keyids, role.threshold = [thief.public_key.keyid], 1
    return signed(root, thief)


@ROWS.attack(
    "sends what is no metadata: no JSON, nested without end, numbers and dates and signatures that are none",
    by="edge.device.adapters.tuf_catalogue._verdicts",
    said="refused: unsigned",
)
def malformed(stage: Stage) -> str:
    path = f"{DIRECTOR}timestamp.json"
    genuine = stage.served[path]
    assert isinstance(genuine, bytes)
    forms = [b"", b"\xff", b"null", b"[]", b"[" * 16_000, b'{"a":' * 3_000, b'{"signed": 1e999}']
    for old, new in (
        (b'"version":2', b'"version":2.5'),
        (b'"version":2', b'"version":-1'),
        (b'"signatures"', b'"signature"'),
        (b'"expires":"2026', b'"expires":"12026'),
        (b'"sig":"', b'"sig":"zz'),
    ):
        assert old in genuine, genuine
        forms.append(genuine.replace(old, new, 1))

    def send(form: bytes) -> None:
        stage.served[path] = form

    return stage.each(forms, send)


@ROWS.attack(
    "hands a device the director's word to its neighbour",
    by="edge.device.updating.weigh._check_assigned",
    said="refused: not-assigned",
)
def a_neighbours_director(stage: Stage) -> str:
    stage.hall.assign(path_of(2), 2, device=NEIGHBOUR)
    stage.hall.publish()
    return stage.ask()
