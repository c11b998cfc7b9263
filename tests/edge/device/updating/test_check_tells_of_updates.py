"""A technician at a device that stands still reads what it has, and how far its update is."""

from pathlib import Path

from edge.device.adapters.device_folder import read_folder
from edge.device.launch import point
from edge.device.update import Job, State, Target, table_words
from edge.device.updating import kept
from edge.device.updating.start import update_words
from tests.edge.device import test_bad_device_folder as bad_folder
from tests.edge.device.updating.unit import bundle
from wire import cbor
from wire.updates import Held, Order

folder = bad_folder.folder
UPDATE = '[update]\nhost = "127.0.0.1"\nport = 8444\n'
ORDER = Order("r1", 1, "config", "install", 0, 1)
DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "updates-on-a-device.md"


def test_it_says_so_where_nobody_serves_updates(folder) -> None:
    assert "by hand alone" in update_words(read_folder(folder, "keypad"))


def test_it_says_what_is_held_and_how_far_an_update_is(folder, tmp_path) -> None:
    from edge.device.adapters.bundle_archive import unpack

    (folder / "device.toml").write_text(bad_folder.GOOD + UPDATE)
    device = read_folder(folder, "keypad")
    made = "updates: config as it was made, firmware as it was made; none was ordered yet"
    assert update_words(device) == made
    slots = device.update / "slots" / "config"
    (tmp_path / "config.tar").write_bytes(bundle("config", 7, {"settings.toml": b""}))
    unpack(tmp_path / "config.tar", slots / "b", "config", 7)
    point(slots, "b")
    keep(device, Job(State.CHECKING, ORDER))
    words = update_words(device)
    assert "config of release 7 in slot b" in words
    assert words.endswith("under way: config of rollout r1, checking")
    keep(device, Job(State.IDLE, ORDER, cause="older"))
    assert update_words(device).endswith("the last one, config of rollout r1, is refused: older")


def keep(device, job: Job) -> None:
    outbox = device.open_outbox()
    outbox.keep({kept.JOB: kept.encode_job(job)})
    outbox.close()


def test_the_document_holds_the_table_that_is_obeyed() -> None:
    assert table_words() in DOCUMENT.read_text("utf-8")


class Values:
    data: bytes | None = None

    def value(self, name: str) -> bytes | None:
        return self.data


def test_a_trial_is_known_to_a_firmware_that_keeps_more_or_fewer_words() -> None:
    target = Target("firmware/a", 9, b"\1" * 32, None, "b", "a", Held(b"\2" * 32, 3))
    job = Job(State.TRIAL, ORDER, target, readings={"frames": 9})
    found = cbor.decode(kept.encode_job(job), 4096)
    of_later = {**found, "later": 1, "target": {**found["target"], "later": [1]}}
    of_earlier = {name: value for name, value in found.items() if name not in ("slow", "wrong")}
    values = Values()
    for words in (of_later, of_earlier):
        values.data = cbor.encode(words)
        assert kept.read_job(values) == job


def test_a_job_that_cannot_be_read_is_none() -> None:
    values = Values()
    good = kept.encode_job(Job(State.CHECKING, ORDER))
    targetless = kept.encode_job(Job(State.TRIAL, ORDER))
    for data in (None, b"", b"\xff", good[:-1], good.replace(b"checking", b"chucking"), targetless):
        values.data = data
        assert kept.read_job(values) == Job()
    values.data = good
    assert kept.read_job(values) == Job(State.CHECKING, ORDER)
