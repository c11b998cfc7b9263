"""What officers signed by mistake, or because the machine on which they made it was not theirs alone."""

import io
import tarfile
from collections.abc import Iterable
from typing import Any

from tests.attacks_on_updates.hall import bundle, listing, path_of
from tests.attacks_on_updates.row import Rows, Stage
from tests.release.making import about
from wire.bundle import INDEX

ROWS = Rows("the machine that made a release", "the content of a release that two officers then sign")
Member = tuple[tarfile.TarInfo, bytes]


def _member(name: str, content: bytes = b"", **fields: Any) -> Member:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o644
    for field, value in fields.items():
        setattr(member, field, value)
    return member, content


def _archive(members: Iterable[Member]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _members(data: bytes) -> list[Member]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = [(member, archive.extractfile(member)) for member in archive]
        return [(member, b"" if file is None else file.read()) for member, file in found]


def _instead(member: Member) -> bytes:
    """A good bundle, but for its last file."""
    return _archive([*_members(bundle(3))[:-1], member])


def _beside(member: Member) -> bytes:
    return _archive([*_members(bundle(3)), member])


def _releases(stage: Stage, contents: Iterable[bytes], **changes: Any) -> str:
    """Each is released and named in its turn."""

    def release(content: bytes) -> None:
        path = stage.hall.put_out(3, content, **changes)
        stage.hall.assign(path, 2)
        stage.hall.publish()

    return stage.each(contents, release)


@ROWS.attack(
    "files outside the slot: `../`, an absolute path, a name within a link",
    by="edge.device.adapters.bundle_archive._unpack_file",
    said="refused: wrong-shape",
)
def path_out_of_the_slot(stage: Stage) -> str:
    names = ("../../evil", "/evil", "a/../../evil", "./evil", "evil/")
    said = _releases(stage, [form(_member(name, b"evil")) for name in names for form in (_instead, _beside)])
    return said if not [*stage.device.path.rglob("evil")] else "a file stands outside"


@ROWS.attack(
    "links and devices in place of files",
    by="edge.device.adapters.bundle_archive._unpack_file",
    said="refused: wrong-shape",
)
def links_and_devices(stage: Stage) -> str:
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)
    members = [_member("net.tflite", type=kind, linkname="/etc/passwd") for kind in kinds]
    return _releases(stage, [_instead(member) for member in members])


@ROWS.attack(
    "a file that is longer, shorter or other than the index says; one that the index does not name; more "
    "after the last; an archive that ends in a file",
    by="edge.device.adapters.bundle_archive.archive_length",
    said="refused: wrong-shape",
)
def other_than_its_index(stage: Stage) -> str:
    good = _members(bundle(3))
    last, content = good[-1]
    whole = bundle(3)
    forms = (
        _instead(_member(last.name, content + bytes(10**6))),
        _instead(_member(last.name, content[:-1])),
        _instead(_member(last.name, content[:-1] + b"!")),
        _beside(_member("more", b"more")),
        whole + bytes(10_240),
        whole[:-1] + b"!",
        whole[:1536],
        _archive(good[1:]),
        _archive([good[0], *reversed(good[1:])]),
    )
    return _releases(stage, forms)


@ROWS.attack(
    "an index that lies about sizes: a gigabyte, less than nothing, a number that is none",
    by="wire.bundle.parse_bundle",
    said="refused: wrong-shape",
)
def index_that_lies(stage: Stage) -> str:
    index, *files = _members(bundle(3))
    data = index[1]
    size = b"[%d," % len(files[0][1])
    assert size in data
    forms = [
        data.replace(size, b"[%s," % other, 1) for other in (b"1073741824", b"-1", b"1e3", b'"9"', b"true")
    ]
    forms += [b"{}", b"[" * 5_000, data + b" ", b""]
    return _releases(stage, [_archive([_member(INDEX, form), *files]) for form in forms])


@ROWS.attack(
    "a bundle of another component, or of another release number than the officers' list says (wrong shape)",
    by="edge.device.adapters.bundle_archive.unpack",
    said="refused: wrong-shape",
)
def another_component(stage: Stage) -> str:
    return _releases(stage, [bundle(3, "config"), bundle(4), b"not an archive" * 2000])


@ROWS.attack(
    "a list that says what this release of the firmware cannot understand",
    by="wire.updates.parse_about",
    said="refused: wrong-shape",
)
def list_not_understood(stage: Stage) -> str:
    hall = stage.hall
    custom = about(path_of(2), 2).custom()
    forms = (
        custom | {"only-if": "a rule of tomorrow"},
        {key: value for key, value in custom.items() if key != "hardware"},
        custom | {"counter": True},
        custom | {"minimum": 3},
        custom | {"requires": {"luck": 1}},
        custom | {"component": "config"},
        None,
    )
    target = hall.target(path_of(2))

    def release(form: object) -> None:
        target.unrecognized_fields["custom"] = form
        data = listing(hall, 3, [target], *hall.officers)
        hall.served.files["/image/metadata/3.models.json"] = data
        hall.sign_image(hall.online, 9, hall.newest() | {"models": (3, data)})

    return stage.each(forms, release)


@ROWS.attack(
    "a release below the `minimum` that a device has committed",
    by="edge.device.updating.weigh._check_machine",
    said="refused: older",
    holds="the director's key, and the desk's, which orders it back",
)
def below_the_minimum(stage: Stage) -> str:
    hall = stage.hall
    hall.assign(hall.put_out(5, minimum=5), 2)
    hall.publish()
    stage.install(2)
    stage.device.slots.switch("golden")
    stage.settled()
    hall.assign(path_of(2), 2)
    hall.publish()
    return stage.ask()
