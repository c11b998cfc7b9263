"""What is kept of metadata may be lost or damaged, and what is served may be anything."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner

from edge.device.adapters.tuf_catalogue import TufCatalogue
from edge.device.errors import ConfigError, NotNow, UpdateRefused
from edge.device.updating.ports import Wanted
from tests.attacks_on_updates.device import Device
from tests.attacks_on_updates.hall import Hall, ms, order, path_of
from wire.cbor import encode
from wire.errors import HallError


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    hall = Hall(tmp_path_factory.mktemp("release"))
    hall.assign(path_of(1), 1)
    hall.publish()
    return hall


@pytest.fixture
def device(hall: Hall, tmp_path: Path) -> Iterator[Device]:
    before = dict(hall.served.files)
    yield Device(tmp_path / "device", hall.roots, hall.served)
    hall.served.files = before


def wanted(device: Device, hall: Hall) -> Wanted:
    return device.catalogue().wanted(order(1), device.floors, ms(hall.now))


def test_the_answer_names_the_target_and_all_that_was_believed(device: Device, hall: Hall) -> None:
    found = wanted(device, hall)
    target = hall.target(path_of(1))
    assert (found.path, found.length, found.sha256.hex()) == (
        target.path,
        target.length,
        target.hashes["sha256"],
    )
    assert sorted({name.rsplit("/", 1)[0] if name.count("/") == 2 else name for name in found.version}) == [
        "director/root",
        "director/snapshot",
        "director/targets",
        "director/timestamp",
        "image/models",
        "image/root",
        "image/snapshot",
        "image/targets",
        "image/timestamp",
        "time-ms",
    ]
    assert encode(dict(found.version))


@pytest.mark.parametrize("damage", ["empty", "cut", "garbage", "folder", "gone", "unreadable"])
def test_damaged_copies_cost_nothing_but_the_way_to_the_hall(device: Device, hall: Hall, damage: str) -> None:
    expected = wanted(device, hall)
    kept = [path for path in (device.state / "tuf").rglob("*.json") if not path.is_symlink()]
    assert len(kept) >= 9
    for path in kept:
        data = path.read_bytes()
        match damage:
            case "empty":
                path.write_bytes(b"")
            case "cut":
                path.write_bytes(data[: len(data) // 2])
            case "garbage":
                path.write_bytes(b"\xff" * 100)
            case "folder":
                path.unlink()
                path.mkdir()
            case "gone":
                path.unlink()
            case "unreadable":
                path.unlink()
                path.symlink_to(path.name)
    try:
        found = wanted(device, hall)
    except NotNow:
        found = wanted(device, hall)  # a folder in place of a file is cleared away, and asked again
    assert found == expected


def test_what_a_power_cut_left_half_written_is_cleared_away(device: Device, hall: Hall) -> None:
    wanted(device, hall)
    left = device.state / "tuf" / "image" / "tmpab12cd"
    left.write_bytes(b"half")
    wanted(device, hall)
    assert not left.exists()


def test_a_disk_that_cannot_be_written_is_waited_for(device: Device, hall: Hall) -> None:
    device.state.mkdir(parents=True)
    (device.state / "tuf").write_bytes(b"a file where a folder must be")
    with pytest.raises(NotNow, match="free some disk"):
        wanted(device, hall)


def test_without_a_pinned_root_somebody_must_come(device: Device, hall: Hall) -> None:
    (device.path / "update" / "director.root.json").unlink()
    with pytest.raises(ConfigError, match=r"director\.root\.json.*provision"):
        wanted(device, hall)


@pytest.mark.parametrize("root", [b"", b"{}", b"\xff", b"x" * 100_000])
def test_a_damaged_root_believes_nothing(device: Device, hall: Hall, root: bytes) -> None:
    (device.path / "update" / "image.root.json").write_bytes(root)
    with pytest.raises(UpdateRefused) as refused:
        wanted(device, hall)
    assert refused.value.cause == "unsigned"


def test_no_time_no_answer(device: Device, hall: Hall) -> None:
    catalogue: TufCatalogue = device.catalogue()
    for now_ms in (None, 0, ms(hall.now) - 700_000):
        with pytest.raises(NotNow, match="waits for the time from the hall"):
            catalogue.wanted(order(1), {"time-ms": ms(hall.now)}, now_ms)


def test_time_is_not_asked_of_the_operating_system(device: Device, hall: Hall) -> None:
    """The release is of 2026-11-27, whatever day it is where this test runs."""
    assert wanted(device, hall).version["time-ms"] == ms(hall.now)


def test_a_thief_of_the_directors_key_can_send_any_structure(device: Device, hall: Hall) -> None:
    """Validly signed, of any form: every answer is one of ours, no other exception comes through."""
    rng, answers = random.Random(7), set()
    for _ in range(80):
        hall.version += 1
        hall.publish()
        role = rng.choice(["targets", "snapshot", "timestamp"])
        name = "timestamp" if role == "timestamp" else f"{hall.version}.{role}"
        path = f"/director/metadata/{name}.json"
        data = hall.served.files[path]
        assert isinstance(data, bytes)
        document = json.loads(data)
        _spoil(document["signed"], rng)
        hall.served.files[path] = spoilt = _signed_whatever(document, hall.director)
        if role == "targets":
            hall.sign_together("director", hall.director, hall.version, {"targets": (hall.version, spoilt)})
        elif role == "snapshot":
            hall.stamp("director", hall.director, hall.version, spoilt)
        device.power_cut()
        try:
            wanted(device, hall)
            answers.add("taken")
        except HallError as err:
            answers.add(getattr(err, "cause", err.code))
    assert "unsigned" in answers


def _spoil(document: Any, rng: random.Random) -> None:
    """One value somewhere in it becomes something else."""
    spots = [(document, key) for key in document]
    for where, key in spots:
        inner = where[key]
        if isinstance(inner, dict):
            spots.extend((inner, more) for more in inner)
    where, key = rng.choice(spots)
    strange: list[Any] = [
        None,
        True,
        -1,
        0,
        2**70,
        "",
        "x",
        "../../x",
        [],
        {},
        [[]],
        {"a": {}},
        "9999-99-99T00:00:00Z",
    ]
    if rng.random() < 0.2:
        del where[key]
    else:
        where[key] = rng.choice(strange)


def _signed_whatever(document: dict[str, Any], signer: CryptoSigner) -> bytes:
    signature = signer.sign(str(encode_canonical(document["signed"])).encode())
    document["signatures"] = [{"keyid": signature.keyid, "sig": signature.signature}]
    return json.dumps(document).encode()
