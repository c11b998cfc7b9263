"""The listener of a hall takes over what the centre publishes, without a timer and without anybody."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.config import load_config
from fleet.errors import ConfigError
from fleet.lock import only_one
from fleet.updates import catalogue, mirror
from fleet.updates.keys import make_keys
from fleet.updates.mirror import Credentials
from fleet.updates.shelf import Shelf
from fleet.updates.upstream import APART_S, EVERY_S, Upstream, credentials_of, following, rest
from tests.fleet.updates.released import Released, models
from tests.fleet.updates.served import Served, serving
from tests.servers.waiting import wait_until
from tests.system.wall import now

pytestmark = pytest.mark.slow
REFUSED = "timestamp.json: 403: the centre refuses this hall's certificate"
NEWER = models("gate-2.tar", 2, b"newer" * 1000)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "centre").mkdir()
    released = Released.begun(tmp_path / "centre", now_ms=int(now().timestamp() * 1000))
    released.take_in()
    with serving(tmp_path / "centre", released) as served:
        yield served


def test_a_hall_serves_what_the_centre_publishes_and_goes_on_without_it(
    centre: Served, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    released, source = centre.released, f"https://127.0.0.1:{centre.port}"
    known = centre.register("hall-7")
    credentials = Credentials(known.certificate, known.key, known.authority)
    hall = Shelf(tmp_path / "hall")
    upstream = Upstream(hall, source, credentials, lambda: released.now_ms)
    upstream.tick()
    upstream.tick()
    assert caplog.text.count("this fleet trusts no root yet") == 1, "said once, and somebody has to say which"
    mirror.mirror(hall, source, released.now_ms, root_sha256=released.root_sha256, credentials=credentials)

    released.add(NEWER)
    released.now_ms += 1000
    released.take_in()
    with following(upstream, first_s=0.0, rest=lambda: 0.05):
        wait_until(lambda: catalogue.find(hall.data, NEWER[0]) is not None, "the hall has the newer release")
    make_keys(hall.data, lambda _: None)
    (tmp_path / "second").mkdir()
    with serving(tmp_path / "second", Released(hall.data, released.folder, released.now_ms)) as second:
        target = catalogue.find(hall.data, NEWER[0])
        assert target is not None
        path = f"/image/targets/models/{target.sha256.hex()}.gate-2.tar"
        status, _, body = second.get(second.register("gate-1"), path)
    assert (status, body) == (200, NEWER[1])

    centre.revoke("hall-7")
    before = catalogue.targets(hall.data)
    wait_until(lambda: _is_refused(upstream, caplog), "the centre refuses it")
    upstream.tick()
    assert caplog.text.count(REFUSED) == 1
    assert catalogue.targets(hall.data) == before


def _is_refused(upstream: Upstream, caplog: pytest.LogCaptureFixture) -> bool:
    upstream.tick()
    return REFUSED in caplog.text


def test_two_mirrors_of_one_folder_do_not_meet(centre: Served, tmp_path: Path) -> None:
    hall = Shelf(tmp_path / "hall")
    hall.folder.mkdir(parents=True)
    with (
        only_one(hall.folder / "mirror.lock", "a mirror"),
        pytest.raises(ConfigError, match="a mirror"),
    ):
        mirror.mirror(hall, str(centre.released.shelf.folder), 0)


def test_halls_do_not_ask_all_at_once() -> None:
    asked = {rest() for _ in range(100)}
    assert len(asked) > 90
    assert EVERY_S - APART_S <= min(asked) <= max(asked) <= EVERY_S + APART_S


def test_it_is_named_in_fleet_toml(tmp_path: Path) -> None:
    words = 'hall = "h"\ncongress = "c"\n[updates]\nhost = "127.0.0.1"\n'
    file = tmp_path / "fleet.toml"
    file.write_text(words)
    assert Upstream.configured(load_config(tmp_path), lambda: 0) is None
    file.write_text(f'{words}upstream = "https://centre.example:8884"\n')
    assert Upstream.configured(load_config(tmp_path), lambda: 0) is not None
    assert credentials_of(tmp_path).certificate == tmp_path / "tls" / "upstream.crt"
    for wrong in ("http://centre", "centre", "https://centre/path", "https://a b"):
        file.write_text(f'{words}upstream = "{wrong}"\n')
        with pytest.raises(ConfigError, match=r"updates\.upstream must be"):
            load_config(tmp_path)
