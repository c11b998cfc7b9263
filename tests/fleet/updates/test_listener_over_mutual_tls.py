"""The update listener, over real connections: who is let in, what they may read, how much at a time."""

import contextlib
import hashlib
import http.client
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Targets
from tuf.ngclient import Updater

from fleet.db import writing
from fleet.updates import catalogue, deltas, director, mirror, transfers
from fleet.updates.mirror import Credentials, SourceSilent
from fleet.updates.shelf import Shelf
from tests.fleet.updates.released import Released, models, sha256
from tests.fleet.updates.served import Served, asked, serving
from tests.servers.credentials import Credentials as Issued
from tests.servers.credentials import HallKeys
from tests.servers.waiting import wait_until
from wire.ids import DeviceId
from wire.updates import parse_assigned

pytestmark = pytest.mark.slow
LARGE = hashlib.shake_256(b"large").digest(24_000_000)
FIRST, SECOND = models("gate-1.tar"), models("gate-2.tar", 2, LARGE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    released = Released.begun(folder, FIRST, SECOND)
    released.now_ms = time.time_ns() // 1_000_000
    released.take_in()
    with serving(folder, released) as found:
        yield found


@pytest.fixture(scope="module")
def gate(served: Served) -> Issued:
    return served.register("gate-1")


def address(file: tuple[str, bytes, object]) -> str:
    component, _, name = file[0].partition("/")
    return f"/image/targets/{component}/{sha256((file[0], file[1], FIRST[2])).hex()}.{name}"


def test_python_tufs_own_client_follows_both_repositories(
    served: Served, gate: Issued, tmp_path: Path
) -> None:
    target = catalogue.find(served.released.data, FIRST[0])
    assert target is not None
    with writing(served.engine) as connection:
        director.assign(connection, DeviceId("gate-1"), target, "r-1", 3)
    found = {}
    for repository in ("image", "director"):
        (tmp_path / repository).mkdir()
        bootstrap = served.released.folder / repository / "metadata/1.root.json"
        updater = Updater(
            str(tmp_path / repository),
            f"{repository}/metadata",
            str(tmp_path),
            f"{repository}/targets",
            fetcher=served.fetcher(gate),
            bootstrap=bootstrap.read_bytes(),
        )
        updater.refresh()
        found[repository] = updater.get_targetinfo(FIRST[0])
        if repository == "image":
            file = found[repository]
            assert file is not None
            assert Path(updater.download_target(file)).read_bytes() == FIRST[1]
    image, told = found["image"], found["director"]
    assert image is not None
    assert told is not None
    assert (image.length, image.hashes) == (told.length, told.hashes)
    said = parse_assigned(told.unrecognized_fields["custom"])
    assert (said.device, said.rollout, said.generation) == ("gate-1", "r-1", 3)


def test_each_device_reads_its_own_director_alone(served: Served, gate: Issued) -> None:
    target = catalogue.find(served.released.data, FIRST[0])
    assert target is not None
    with writing(served.engine) as connection:
        director.assign(connection, DeviceId("gate-1"), target, "r-1", 4)
    other = served.register("gate-2")
    lists = []
    for device in (gate, other):
        _, _, stamp = served.get(device, "/director/metadata/timestamp.json")
        version = Metadata.from_bytes(stamp).signed.version
        status, _, data = served.get(device, f"/director/metadata/{version}.targets.json")
        assert status == 200
        listed: Metadata[Targets] = Metadata.from_bytes(data)
        lists.append(set(listed.signed.targets))
    assert lists == [{FIRST[0]}, set()]
    assert served.get(gate, f"/director/metadata/{version + 9}.targets.json")[0] == 404
    assert served.get(gate, "/director/metadata/1.root.json")[0] == 200


def test_a_transfer_goes_on_from_any_byte(served: Served, gate: Issued) -> None:
    path, whole = address(FIRST), FIRST[1]
    status, headers, body = served.get(gate, path)
    assert (status, body) == (200, whole)
    assert headers["etag"] == f'"{hashlib.sha256(whole).hexdigest()}"'
    assert (headers["cache-control"], headers["accept-ranges"]) == ("no-store", "bytes")
    assert "server" not in headers
    assert "date" not in headers
    for begin in (1, 100_000, len(whole) - 1):
        status, headers, body = served.get(gate, path, range=f"bytes={begin}-", if_range=headers["etag"])
        assert (status, body) == (206, whole[begin:])
        assert headers["content-range"] == f"bytes {begin}-{len(whole) - 1}/{len(whole)}"
    assert served.get(gate, path, range="bytes=5-9")[2] == whole[5:10]
    assert served.get(gate, path, range=f"bytes={len(whole)}-")[0] == 416
    assert served.get(gate, path, range="bytes=1-2,5-6")[2] == whole
    assert served.get(gate, path, range="bytes=10-", if_range='"another"')[2] == whole
    status, headers, body = served.get(gate, path, "HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", str(len(whole)))


def test_a_patch_is_served_where_there_is_one(served: Served, gate: Issued) -> None:
    shelf, had, to = served.released.shelf, sha256(FIRST).hex(), sha256(SECOND).hex()
    assert served.get(gate, f"/delta/{had}/{to}")[0] == 404
    shelf.deltas.mkdir(exist_ok=True)
    (shelf.deltas / f"{had}.{to}").write_bytes(b"BSDIFF40 and so on")
    assert served.get(gate, f"/delta/{had}/{to}")[2] == b"BSDIFF40 and so on"
    assert served.get(gate, f"/delta/{to}/{had}")[0] == 404
    assert deltas.find(served.released.data, (sha256(FIRST), sha256(SECOND))) is not None


def test_who_was_revoked_is_refused_within_two_seconds_on_an_open_connection(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    stolen = served.register("gate-stolen")
    with contextlib.closing(served.connection(stolen)) as connection:
        assert asked(connection, "/image/metadata/timestamp.json")[0] == 200
        served.revoke("gate-stolen")
        begun_s = time.monotonic()
        wait_until(
            lambda: asked(connection, "/image/metadata/timestamp.json")[0] == 403, "refused", timeout_s=2
        )
        took_s = time.monotonic() - begun_s
    with capsys.disabled():
        print(f"\nrefused {took_s:.2f} s after it was revoked")  # noqa: T201  # what is measured
    assert served.get(stolen, address(FIRST))[0] == 403


def test_strangers_are_not_let_in(served: Served, gate: Issued, tmp_path: Path) -> None:
    """Of another authority, of nobody, of this hall and not registered, under the name of another device."""
    (tmp_path / "elsewhere").mkdir()
    foreign = HallKeys(tmp_path / "elsewhere").credentials("gate-1")
    for shown in (foreign, None):
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            served.get(shown, "/image/metadata/timestamp.json")
    unknown = served.keys.credentials("gate-unknown")
    assert served.get(unknown, "/image/metadata/timestamp.json")[0] == 403
    assert gate.name == "gate-1"
    certificate, key = gate.certificate.read_bytes(), gate.key.read_bytes()
    try:
        namesake = served.keys.credentials("gate-1")
        status, _, body = served.get(namesake, "/director/metadata/timestamp.json")
        assert status == 403
        assert b"gate-1 is not a device of this hall, or was revoked." in body
    finally:
        gate.certificate.write_bytes(certificate)
        gate.key.write_bytes(key)
    assert served.get(gate, "/image/metadata/timestamp.json")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/image/metadata/../../../keys/director.key",
        "/image/metadata/..%2f..%2f..%2fkeys%2fdirector.key",
        "/image/metadata/%2e%2e/%2e%2e/lock",
        "/image/metadata//etc/passwd",
        "/image/metadata/lock",
        "/image/metadata/01.root.json",
        "/image/metadata/1.root.json%00",
        "/image/metadata/1.director.json",
        "/image/metadata/",
        "/image/targets/keys/director.key",
        "/image/targets/../metadata/timestamp.json",
        "/image/targets/models/..%2f..%2fmetadata%2ftimestamp.json",
        "/image/targets/models/" + "0" * 64 + ".gate-1.tar",
        "/director/metadata/../../lock",
        "/director/metadata/1.models.json",
        "/delta/../../keys",
        "/delta/" + "a" * 64 + "/..",
        "/delta/" + "a" * 64 + "/" + "a" * 64 + ".useless",
        "/openapi.json",
        "/docs",
        "/",
    ],
)
def test_nothing_but_what_is_published_can_be_named(served: Served, gate: Issued, path: str) -> None:
    status, _, body = served.get(gate, path)
    assert status == 404
    assert b"PRIVATE" not in body
    assert str(served.released.data).encode() not in body


def test_nothing_can_be_written(served: Served, gate: Issued) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert served.get(gate, address(FIRST), method)[0] == 405


def test_a_device_has_two_transfers_at_a_time(served: Served, gate: Issued) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            connection = stack.enter_context(contextlib.closing(served.connection(gate)))
            connection.request("GET", address(SECOND))
            assert connection.getresponse().read(1000) == SECOND[1][:1000]  # and no more of it
        status, headers, body = served.get(gate, address(FIRST))
        assert (status, headers["retry-after"]) == (503, "5")
        assert b"Too many files are on their way" in body
        assert served.get(gate, "/image/metadata/timestamp.json")[0] == 200
        assert served.get(served.made.get("gate-3") or served.register("gate-3"), address(FIRST))[0] == 200
    wait_until(lambda: served.get(gate, address(FIRST))[0] == 200, "places are free again")


def test_who_reads_too_slowly_gives_the_place_back(
    served: Served, gate: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "_BEGIN_S", 0.2)
    monkeypatch.setattr(transfers, "_LEAST_BYTES_S", 10**9)
    with contextlib.closing(served.connection(gate)) as connection:
        connection.request("GET", address(SECOND))
        answer = connection.getresponse()
        assert answer.read(1000) == SECOND[1][:1000]
        wait_until(lambda: not served.transfers.under_way, "its place is free")
        with pytest.raises((http.client.IncompleteRead, ConnectionError, ssl.SSLError)):
            answer.read()


def test_a_halls_server_mirrors_the_centre_over_the_same_listener(served: Served, tmp_path: Path) -> None:
    issued = served.register("hall-7")
    credentials = Credentials(issued.certificate, issued.key, issued.authority)
    hall, source = Shelf(tmp_path / "hall-7"), f"https://127.0.0.1:{served.port}"
    released = served.released
    mirror.mirror(hall, source, released.now_ms, root_sha256=released.root_sha256, credentials=credentials)
    assert catalogue.targets(hall.data) == catalogue.targets(released.data)
    assert hall.target(SECOND[0], sha256(SECOND)).read_bytes() == SECOND[1]
    served.revoke("hall-7")
    wait_until(lambda: served.get(issued, "/image/metadata/timestamp.json")[0] == 403, "refused")
    with pytest.raises(SourceSilent, match="the centre refuses this hall's certificate"):
        mirror.mirror(hall, source, released.now_ms, credentials=credentials)


def test_one_device_is_served_faster_than_a_radio_carries(
    served: Served, gate: Issued, capsys: pytest.CaptureFixture[str]
) -> None:
    begun_s = time.perf_counter()
    assert served.get(gate, address(SECOND))[2] == SECOND[1]
    mb_s = len(SECOND[1]) / (time.perf_counter() - begun_s) / 1e6
    with capsys.disabled():
        print(f"\none device is served {mb_s:.0f} MB/s over TLS")  # noqa: T201  # what is measured
    assert mb_s > 2
