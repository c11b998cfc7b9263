"""A hall whose updates are attacked: officers and their release folder, the fleet's online keys, and what a
device is served. A thief has the hands of those whose keys they stole, and always those of the network."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Delegations, Metadata, MetaFile, Signed, Snapshot, TargetFile, Targets, Timestamp

from edge.device.adapters.update_https import Missing
from release import repository
from release.bundle import tar_bundle
from release.folder import ReleaseFolder
from release.keys import PublicKey, as_key
from release.metadata import with_plan
from tests.release.making import NOW, about, add_files, make_release, officers_of, sign_all
from wire.ids import DeviceId
from wire.updates import COMPONENTS, Assigned, Order

DEVICE = DeviceId("gate-01")
NEIGHBOUR = DeviceId("gate-02")
ROLLOUT = "rollout-1"
HARDWARE = "gate-pi5"
Answer = Callable[[], Iterator[bytes]]


def bundle(counter: int, component: str = "models", **files: bytes) -> bytes:
    """What officers release: two files whose content tells the release."""
    content = files or {
        "net.tflite": b"network %d" % counter * 900,
        "golden.json": b'{"release":%d}' % counter,
    }
    return tar_bundle(component, f"1.{counter}", counter, content)


def path_of(counter: int) -> str:
    return f"models/net-{counter}.tar"


@dataclass
class Served:
    """Implements Files: what whoever answers on the network says, by path. A callable says it piece by piece,
    perhaps without end."""

    files: dict[str, bytes | Answer] = field(default_factory=dict)

    def pieces(self, path: str, limit_s: float) -> Iterator[bytes]:
        said = self.files.get(path)
        if said is None:
            raise Missing(404)
        yield from (
            (said[at : at + 4096] for at in range(0, len(said), 4096)) if isinstance(said, bytes) else said()
        )

    def rest(self, path: str, begin: int, length: int, limit_s: float) -> Iterator[bytes | int]:
        yield 0
        yield from self.pieces(path, limit_s)

    def close(self) -> None:
        """Nothing is open."""


class Hall:
    """Release 1 is out. now: by the hall's clock."""

    def __init__(self, path: Path) -> None:
        self.release = ReleaseFolder(path)
        self.officers = officers_of(3)
        self.online, self.director = officers_of(2)
        self.now = NOW
        self.version = 0
        self.roots = make_release(
            path,
            officers=self.officers,
            online=self.online.public_key,
            director=self.director.public_key,
            files=[(path_of(1), bundle(1), about(path_of(1), 1))],
            now=self.now,
        )
        self.named: list[TargetFile] = []
        self.served = Served()

    # -- what the honest do --------------------------------------------------------------------------------

    def put_out(self, counter: int, content: bytes | None = None, **changes: Any) -> str:
        """Officers release it; its path."""
        path = path_of(counter)
        content = bundle(counter) if content is None else content
        add_files(
            self.release.path, self.officers, [(path, content, about(path, counter, **changes))], self.now
        )
        return path

    def assign(self, path: str, generation: int, device: DeviceId = DEVICE) -> Order:
        """The director names it for the device; the order that goes with it."""
        self.named = [named(self.target(path), generation, device)]
        return order(generation)

    def publish(self) -> None:
        """The fleet signs what there is, and serves it."""
        self.version += 1
        image = self.release.path / "image"
        for file in (image / "metadata").iterdir():
            self.served.files[f"/image/metadata/{file.name}"] = file.read_bytes()
        for file in (image / "targets").glob("*/*"):
            self.served.files[f"/image/targets/{file.parent.name}/{file.name}"] = file.read_bytes()
        for file in (self.release.path / "director" / "metadata").iterdir():
            self.served.files[f"/director/metadata/{file.name}"] = file.read_bytes()
        self.sign_image(self.online, self.version, self.newest())
        self.sign_director(self.director, self.version, self.named)

    def rotate(self) -> None:
        """Officers name new keys for the fleet, and sign it all anew."""
        online, director = officers_of(2)
        plan = with_plan(
            repository.plan_in(self.release),
            online=PublicKey("image-online", as_key(online.public_key)),
            director=PublicKey("director", as_key(director.public_key)),
        )
        repository.rotate_root(self.release, plan, self.now)
        sign_all(self.release, self.officers)
        self.online, self.director = online, director

    # -- what a key can do, whoever holds it ----------------------------------------------------------------

    def newest(self, **others: int) -> dict[str, tuple[int, bytes]]:
        """Role -> (version, bytes) of what the officers signed; others: another version of some role."""
        found = {}
        for role in ("targets", *COMPONENTS):
            version = others.get(role) or self.release.signed_versions("image", role)[-1]  # type: ignore[arg-type]
            path = self.release.path / "image" / "metadata" / f"{version}.{role}.json"
            found[role] = (version, path.read_bytes())
        return found

    def sign_image(
        self, signer: CryptoSigner, version: int, documents: Mapping[str, tuple[int, bytes]], days: int = 1
    ) -> None:
        self.sign_together("image", signer, version, documents, days)

    def sign_director(
        self,
        signer: CryptoSigner,
        version: int,
        targets: Sequence[TargetFile],
        days: int = 1,
        delegations: Delegations | None = None,
    ) -> None:
        listed = Targets(
            version=version,
            expires=self.now + timedelta(days=7),
            targets={target.path: target for target in targets},
            delegations=delegations,
        )
        data = signed(listed, signer)
        self.served.files[f"/director/metadata/{version}.targets.json"] = data
        self.sign_together("director", signer, version, {"targets": (version, data)}, days)

    def sign_together(
        self,
        name: str,
        signer: CryptoSigner,
        version: int,
        documents: Mapping[str, tuple[int, bytes]],
        days: int = 1,
    ) -> None:
        meta = {
            f"{role}.json": MetaFile.from_data(number, data, ["sha256"])
            for role, (number, data) in documents.items()
        }
        snapshot = signed(Snapshot(version=version, expires=self.now + timedelta(days=7), meta=meta), signer)
        self.stamp(name, signer, version, snapshot, days)

    def stamp(self, name: str, signer: CryptoSigner, version: int, snapshot: bytes, days: int = 1) -> None:
        stamp = Timestamp(
            version=version,
            expires=self.now + timedelta(days=days),
            snapshot_meta=MetaFile.from_data(version, snapshot, ["sha256"]),
        )
        self.served.files[f"/{name}/metadata/{version}.snapshot.json"] = snapshot
        self.served.files[f"/{name}/metadata/timestamp.json"] = signed(stamp, signer)

    # -- what anybody can see --------------------------------------------------------------------------------

    def target(self, path: str) -> TargetFile:
        return repository.listed(self.release, path.partition("/")[0])[path]

    def url(self, path: str) -> str:
        component, _, name = path.partition("/")
        return f"/image/targets/{component}/{self.target(path).hashes['sha256']}.{name}"


def order(generation: int, component: str = "models", rollout: str = ROLLOUT) -> Order:
    return Order(rollout, generation, component, "install", 0, 2**50)


def named(target: TargetFile, generation: int, device: DeviceId = DEVICE) -> TargetFile:
    """As a director lists it."""
    custom = Assigned(device, ROLLOUT, generation).custom()
    return TargetFile(target.length, dict(target.hashes), target.path, {"custom": custom})


def signed(metadata: Signed, *signers: CryptoSigner) -> bytes:
    made: Metadata[Any] = Metadata(metadata)
    for signer in signers:
        made.sign(signer, append=True)
    return made.to_bytes()


def invented(content: bytes, path: str = "models/evil.tar", **changes: Any) -> TargetFile:
    """A target that no officer has seen, as an image repository would list it."""
    custom = {"custom": about(path, 99, **changes).custom()}
    return TargetFile(len(content), {"sha256": hashlib.sha256(content).hexdigest()}, path, custom)


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def listing(hall: Hall, version: int, targets: Sequence[TargetFile], *signers: CryptoSigner) -> bytes:
    """A list of models, signed by whom a thief has."""
    return signed(
        Targets(
            version=version,
            expires=hall.now + timedelta(days=90),
            targets={target.path: target for target in targets},
        ),
        *signers,
    )
