"""The verbs of `hallward release`. Each works on a folder that is carried from officer to officer."""

import argparse
import getpass
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from release import check, repository, signing, sources
from release.bundle import read_bundle, tar_bundle
from release.errors import ConfigError, NotConfirmed, ReleaseError
from release.files import SECRET, read_whole, write_whole
from release.folder import ReleaseFolder, Repository
from release.keys import (
    FILE_BYTES_MAX,
    Cost,
    PublicKey,
    encode_public,
    new_signer,
    parse_public,
    public_of,
    seal,
    unseal,
)
from release.memory import Memory
from release.metadata import Plan, with_plan
from release.person import Person, confirm, new_passphrase, passphrase
from release.words import fingerprint, pending_lines, settings_lines, target_line
from wire.errors import RecordRejected
from wire.updates import TARGET_BYTES_MAX, About, component_of, hash_of


class Terminal:
    """Person at a terminal."""

    def say(self, line: str) -> None:
        print(line)

    def ask(self, question: str) -> str:
        try:
            return input(question)
        except EOFError:
            raise NotConfirmed("nobody answered; nothing was signed") from None

    def passphrase(self, question: str) -> str:
        try:
            return getpass.getpass(question)
        except EOFError:
            raise NotConfirmed("nobody typed a passphrase; nothing was done") from None


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Means:
    """What the verbs take from the world."""

    person: Person = field(default_factory=Terminal)
    now: datetime = field(default_factory=_now)
    cost: Cost = field(default_factory=Cost)


# -- keys and roots ----------------------------------------------------------------------------------------


def key(given: argparse.Namespace, means: Means) -> int:
    """A key of one officer: sealed, and its public half beside it. Cut short between both, it is run
    again."""
    beside = given.out.with_name(f"{given.name}.pub.json")
    if beside.exists():
        raise _never_replaced(beside)
    if given.out.exists():
        public = _public_half(given, means)
    else:
        signer = new_signer()
        public = public_of(given.name, signer)
        sealed = seal(given.name, signer, new_passphrase(means.person, given.passphrase_file), means.cost)
        write_whole(given.out, sealed, SECRET)
    write_whole(beside, encode_public(public))
    means.person.say(f"{given.out}: your key, sealed; keep it, and a copy in another safe place")
    means.person.say(
        f"{beside}: hand this to whoever begins the release; read out its keyid: {public.key.keyid}"
    )
    return 0


def init(given: argparse.Namespace, means: Means) -> int:
    plan = Plan(
        tuple(_public(path) for path in given.officer),
        given.threshold,
        _public(given.online),
        _public(given.director),
        _delegates(given.delegate),
    )
    repository.init(ReleaseFolder(given.folder), plan, means.now)
    return _drafted(ReleaseFolder(given.folder), means)


def rotate_root(given: argparse.Namespace, means: Means) -> int:
    folder = _begun(given.folder)
    changes: dict[str, Any] = {}
    plan = repository.plan_in(folder)
    says_nothing = given.threshold is None and given.online is None and given.director is None
    if says_nothing and not (given.officer or given.delegate):
        raise ConfigError(
            "say what changes: --officer (all who are officers then), --threshold, --online, --director or "
            "--delegate; for a new end alone: `hallward release renew FOLDER root`"
        )
    if given.officer:
        changes["officers"] = tuple(_public(path) for path in given.officer)
    if given.threshold is not None:
        changes["threshold"] = given.threshold
    for name in ("online", "director"):
        if getattr(given, name) is not None:
            changes[name] = _public(getattr(given, name))
    if given.delegate:
        renewed = {**plan.delegates, **_delegates(given.delegate)}
        changes["delegates"] = {component: keys for component, keys in renewed.items() if keys}
    repository.rotate_root(folder, with_plan(plan, **changes), means.now)
    return _drafted(folder, means)


def director(given: argparse.Namespace, means: Means) -> int:
    folder, release = ReleaseFolder(given.folder), _begun(given.release)
    repository.further_director(folder, release, _public(given.director), means.now)
    return _drafted(folder, means)


def renew(given: argparse.Namespace, means: Means) -> int:
    folder = _begun(given.folder)
    repository.renew(folder, given.role, means.now)
    return _drafted(folder, means)


# -- signing -----------------------------------------------------------------------------------------------


def sign(given: argparse.Namespace, means: Means) -> int:
    """0: nothing waits any more; 1: others must sign still."""
    folder = _begun(given.folder)
    finished = signing.publish(folder)
    waiting = signing.pending(folder)
    if not waiting:
        means.person.say("nothing waits for a signature")
        return 0
    for one in waiting:
        for line in [*pending_lines(one), *settings_lines(folder, one)]:
            means.person.say(line)
    confirm(means.person, fingerprint(waiting))
    sealed = read_whole(given.key, FILE_BYTES_MAX)
    name, signer = unseal(sealed, passphrase(means.person, given.passphrase_file), given.key)
    Memory(given.key).remember(folder, waiting, signer.public_key.keyid, is_again=given.again)
    signed, complete = signing.sign(folder, waiting, signer)
    if not signed:
        means.person.say(f"{name} has signed all of this before; the folder goes to the next officer")
    for title in signed:
        means.person.say(f"signed by {name}: {title}")
    for title in [*finished, *complete]:
        means.person.say(f"complete: {title}")
    _say_roots(folder, [*finished, *complete], means.person)
    left = signing.pending(folder)
    for one in left:
        means.person.say(f"{one.title} needs {one.missing} more of {', '.join(one.silent)}")
    return 1 if left else 0


def status(given: argparse.Namespace, means: Means) -> int:
    for line in check.status_lines(_begun(given.folder), means.now):
        means.person.say(line)
    return 0


def check_folder(given: argparse.Namespace, means: Means) -> int:
    """0: a fleet can import it and devices would take it."""
    folder = _begun(given.folder)
    found = check.faults(folder, means.now)
    for fault in found:
        means.person.say(fault)
    for weak in [] if found else check.weaknesses(folder):
        means.person.say(weak)
    for one in [] if found else signing.pending(folder):
        means.person.say(
            f"not in it yet: {one.title}, until {one.missing} more of {', '.join(one.silent)} sign"
        )
    means.person.say("not installable" if found else "installable")
    return 1 if found else 0


# -- what exists -------------------------------------------------------------------------------------------


def bundle(given: argparse.Namespace, means: Means) -> int:
    _check_printable("--version", given.version)
    if given.component == "firmware":
        files = sources.firmware(given.source, given.package or sources.PACKAGES)
    elif given.component == "models":
        files = sources.models(given.source, given.golden)
    else:
        files = sources.config(given.source)
    data = tar_bundle(given.component, given.version, given.counter, files)
    write_whole(given.out, data)
    means.person.say(
        f"{given.out}: {len(files)} files, {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}"
    )
    return 0


def add(given: argparse.Namespace, means: Means) -> int:
    folder = _begun(given.folder)
    about = _about(given)
    with given.file.open("rb") as source:
        target = repository.add(folder, given.path, source, about, means.now)
    means.person.say(f"+ {target_line(given.path, target)}")
    return _drafted(folder, means)


def remove(given: argparse.Namespace, means: Means) -> int:
    folder = _begun(given.folder)
    repository.remove(folder, given.path, means.now)
    return _drafted(folder, means)


def _about(given: argparse.Namespace) -> About:
    """From the bundle; an OS image says nothing of itself, so the words do."""
    component = component_of(given.path)
    version, counter, embedder = given.version, given.counter, given.embedder and hash_of(given.embedder)
    if component != "os":
        index, files = read_bundle(read_whole(given.file, TARGET_BYTES_MAX))
        if index.component != component:
            raise ReleaseError(f"{given.file} is a bundle of {index.component}; its path must begin so")
        for name, typed, inside in (("version", version, index.version), ("counter", counter, index.counter)):
            if typed not in (None, inside):
                raise ReleaseError(f"--{name} {typed} is not what the bundle says: {inside}; leave it out")
        version, counter = index.version, index.counter
        embedder = _embedder(given.file, files, embedder)
    if version is None or counter is None:
        raise ReleaseError("an OS image does not say its version or counter: give --version and --counter")
    _check_printable("--version", version)
    _check_printable("--environment", given.environment or "any")
    return About(
        component,
        version,
        counter,
        given.minimum,
        tuple(given.hardware),
        _numbers(given.require, "--require"),
        given.environment,
        embedder,
        _numbers(given.measured, "--measured"),
    )


def _embedder(path: Path, files: dict[str, bytes], typed: bytes | None) -> bytes | None:
    """Of the network that makes references. Raises ReleaseError when another was typed."""
    network = files.get("embedder.tflite")
    found = None if network is None else hashlib.sha256(network).digest()
    if typed is not None and typed != found:
        raise ReleaseError(f"--embedder is not the embedder of {path}; leave it out")
    return found


# -- words -------------------------------------------------------------------------------------------------


def _begun(path: Path) -> ReleaseFolder:
    """Raises ConfigError."""
    folder = ReleaseFolder(path)
    if not folder.is_begun:
        raise ConfigError(f"{path} is no release's folder; give that on the stick, or begin one with `init`")
    return folder


def _public_half(given: argparse.Namespace, means: Means) -> PublicKey:
    """Of the key that is there and has none beside it. Raises ConfigError for somebody else's."""
    sealed = read_whole(given.out, FILE_BYTES_MAX)
    name, signer = unseal(sealed, passphrase(means.person, given.passphrase_file), given.out)
    if name != given.name:
        raise _never_replaced(given.out)
    return public_of(name, signer)


def _never_replaced(path: Path) -> ConfigError:
    return ConfigError(f"{path} is there already; a key is never replaced: give another --out or name")


def _public(path: Path) -> PublicKey:
    return parse_public(read_whole(path, FILE_BYTES_MAX), path)


def _delegates(words: Iterable[str]) -> dict[str, tuple[PublicKey, ...]]:
    """COMPONENT=FILE, several for one component are several keys; COMPONENT= gives it back to officers."""
    found: dict[str, tuple[PublicKey, ...]] = {}
    for word in words:
        component, equals, path = word.partition("=")
        if not equals:
            raise ConfigError(f"--delegate {word!r:.60}: write COMPONENT=FILE.pub.json")
        found[component] = found.get(component, ()) + ((_public(Path(path)),) if path else ())
    return found


def _check_printable(option: str, text: str) -> None:
    """What people read on screens and in minutes. Raises ConfigError."""
    if not text.strip() or not text.isprintable():
        raise ConfigError(f"{option} {text!r:.60}: write letters and digits that can be printed, such as 1.4")


def _numbers(words: Iterable[str], option: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        name, _, number = word.partition("=")
        try:
            value = int(number)
        except ValueError:
            raise ConfigError(
                f"{option} {word!r:.60}: write NAME=NUMBER, a whole number; shares in ppm, times in us"
            ) from None
        if not name or name in found:
            raise ConfigError(f"{option} {word!r:.60}: each name once")
        found[name] = value
    return found


def _drafted(folder: ReleaseFolder, means: Means) -> int:
    for one in signing.pending(folder):
        means.person.say(f"{one.title} waits for {one.missing} of {', '.join(one.silent)}")
    return 0


def _say_roots(folder: ReleaseFolder, titles: Sequence[str], person: Person) -> None:
    """What the fleet and whoever provisions devices compare: on paper, not on the stick."""
    for one in Repository:
        if f"{one} root version 1" in titles:
            path = folder.path / one / "metadata" / "1.root.json"
            person.say(
                f"write down, the first root of {one}: SHA-256 {hashlib.sha256(read_whole(path)).hexdigest()}"
            )


def rejected(err: RecordRejected) -> ReleaseError:
    """For a person: what the wire would refuse."""
    return ReleaseError(f"no device would take it: {err.what}")
