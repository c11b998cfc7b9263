"""The contract with SWUpdate's suricatta and rauc-hawkbit-updater: every field that their C sources read, in
the type that they read, and what they say back turned into states of a rollout."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.fleet.ddi.os_hall import IMAGE, PATH, QUICK, Client, OsHall, image, ok_empty
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.release.making import remove_files


@pytest.fixture
def os_hall(hall: HallUnderTest, tmp_path: Path) -> OsHall:
    return OsHall.begun(hall, tmp_path)


def begun(os_hall: OsHall, **plan: Any) -> tuple[Client, str]:
    """A client with an order, and the id of its action."""
    client = os_hall.ready("gate-1")
    os_hall.roll_out(**plan)
    return client, client.deployment()["id"]


def test_a_client_is_asked_who_it_is_and_has_nothing_to_do(os_hall: OsHall) -> None:
    os_hall.stand("gate-1")
    client = os_hall.client()
    found = client.poll()
    assert found["config"]["polling"]["sleep"] == "00:01:00"
    assert set(found["_links"]) == {"configData"}
    client.identify(hardware="gate-pi5", os_version="1")
    assert client.poll() == {"config": {"polling": {"sleep": "00:01:00"}}}
    assert os_hall.known().attributes == {"hardware": "gate-pi5", "os-version": "1"}


def test_a_deployment_has_every_field_that_both_clients_read(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    os_hall.roll_out()
    assert client.poll()["config"]["polling"]["sleep"] == "00:00:15"
    found = client.deployment()
    assert isinstance(found["id"], str)  # rauc reads a string, SWUpdate whatever is a number
    deployment = found["deployment"]
    assert (deployment["download"], deployment["update"]) == ("attempt", "attempt")
    assert deployment["maintenanceWindow"] == "available"
    (chunk,) = deployment["chunks"]
    assert (chunk["part"], chunk["version"], chunk["name"]) == ("os", "1.2", "gate-2.swu")
    (artifact,) = chunk["artifacts"]
    assert artifact["filename"].endswith(".swu")  # SWUpdate skips every other name
    assert (type(artifact["size"]), artifact["size"]) == (int, len(IMAGE))
    assert artifact["hashes"] == {
        "sha1": hashlib.sha1(IMAGE, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(IMAGE).hexdigest(),
    }
    assert artifact["_links"]["download"] == artifact["_links"]["download-http"]
    assert artifact["_links"]["download"]["href"].startswith("https://hall.test/hall-1/controller/v1/gate-1/")


def test_the_image_is_served_whole_and_in_ranges(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    os_hall.roll_out()
    assert client.fetch() == IMAGE
    href = client.deployment()["deployment"]["chunks"][0]["artifacts"][0]["_links"]["download"]["href"]
    rest = client.http.get(href, headers={"range": "bytes=40000-"})
    assert (rest.status_code, rest.content) == (206, IMAGE[40000:])


def test_success_ends_the_rollout_and_is_what_the_device_holds(
    any_hall: HallUnderTest, tmp_path: Path
) -> None:
    os_hall = OsHall.begun(any_hall, tmp_path)
    client, action = begun(os_hall)
    ok_empty(client.say(action, "proceeding", "none", "Installing Update Chunk Artifacts."))
    os_hall.tick()
    assert os_hall.course()[0] == "working"
    client.fetch()
    ok_empty(client.say(action, "closed", "success", "Update Installed."))
    os_hall.tick()
    assert (os_hall.shown()["state"], os_hall.course()[0]) == ("done", "soaked")
    assert os_hall.known().holds == f"{hashlib.sha256(IMAGE).hexdigest()} 2"
    assert set(client.links()) == {"configData"}, "it is asked again what it runs"
    refused(client.say(action, "closed", "success"), 410, "gone")
    again = os_hall.staff.post("/api/rollouts", json={"name": "again", "target": PATH})
    refused(again, 409, "nobody-eligible")


WORDS = (
    ("ERROR corelib/swupdate_cms_verify.c : Signature verification failed", "unsigned"),
    ("Software: os V2. Invalid checksum: aa expected bb", "wrong-hash"),
    ("ERROR : HW compatibility not found", "wrong-hardware"),
    ("File size 9 exceeds available space 3", "disk-full"),
    ("Failed to install software bundle.", "install-failed"),
)


def test_failure_has_a_cause_and_the_clients_own_words(os_hall: OsHall) -> None:
    names = [f"gate-{at}" for at in range(len(WORDS))]
    os_hall.ready(*names)
    os_hall.roll_out(gate={**QUICK["gate"], "good_ppm": 900_000, "bad_ppm": 999_000})
    for name, (words, _) in zip(names, WORDS, strict=True):
        client = os_hall.client(name)
        client.fetch()
        action = client.deployment()["id"]
        ok_empty(client.say(action, "proceeding", "none", "Verified signature 0", "File checksum OK."))
        ok_empty(client.say(action, "closed", "failure", words))
    os_hall.tick()
    for name, (words, cause) in zip(names, WORDS, strict=True):
        assert os_hall.course(name) == ("failed", cause, f"refused by the device: {words}")
        assert os_hall.known(name).holds == ""


def test_a_client_that_never_answers_is_late(os_hall: OsHall) -> None:
    begun(os_hall)
    os_hall.watched(121_000)
    os_hall.tick()
    assert os_hall.course()[:2] == ("returned", "late")
    assert os_hall.shown()["failed"] == 1


def test_a_freeze_lets_nobody_begin_and_stops_who_fetches(os_hall: OsHall) -> None:
    os_hall.ready("gate-1", "gate-2")
    os_hall.roll_out()
    fetching, idle = os_hall.client("gate-1"), os_hall.client("gate-2")
    action = fetching.deployment()["id"]
    fetching.fetch()
    os_hall.freeze()  # before the executor has even looked
    assert idle.links() == {}
    found = fetching.deployment()["deployment"]
    assert (found["download"], found["update"]) == ("skip", "skip")
    assert found["maintenanceWindow"] == "unavailable"
    href = found["chunks"][0]["artifacts"][0]["_links"]["download"]["href"]
    refused(fetching.http.get(href), 410, "gone")
    os_hall.tick()
    ok_empty(fetching.say(action, "closed", "failure", "ERROR : Download was interrupted"))
    os_hall.tick()
    assert fetching.links().keys() <= {"configData"}
    assert os_hall.course("gate-1")[0] == os_hall.course("gate-2")[0] == "waiting"
    os_hall.freeze(end=True)
    os_hall.tick()
    assert fetching.deployment()["id"] != action
    assert fetching.fetch() == idle.fetch() == IMAGE


def test_skipped_is_not_installed(os_hall: OsHall) -> None:
    client, action = begun(os_hall)
    client.fetch()
    os_hall.freeze()
    ok_empty(client.say(action, "closed", "success", "Skipped Update."))
    os_hall.tick()
    assert (os_hall.course()[0], os_hall.known().holds) == ("waiting", "")


def test_who_installed_before_the_freeze_may_say_so_in_it(os_hall: OsHall) -> None:
    client, action = begun(os_hall)
    client.fetch()
    ok_empty(client.say(action, "proceeding", "none", "All Chunks Installed."))
    os_hall.freeze()
    os_hall.tick()
    assert client.deployment()["id"] == action, "after its restart it looks for its action"
    ok_empty(client.say(action, "closed", "success", "Update Installed."))
    os_hall.tick()
    assert os_hall.course()[0] in ("committed", "soaked")


def test_outside_of_the_window_nothing_is_offered(os_hall: OsHall) -> None:
    minute = os_hall.hall.clock.now_ms // 60_000 % 1440
    begins, ends = (f"{each // 60 % 24:02}:{each % 60:02}" for each in (minute - 5, minute + 5))
    client, action = begun(
        os_hall, window={"begins": begins, "ends": ends}, gate={"soak_s": 0, "deadline_s": 300}
    )
    os_hall.hall.clock.step(6 * 60_000)
    assert client.links() == {}
    answer = ok(client.http.get(f"{client.base}/deploymentBase/{action}"))
    assert answer["deployment"]["maintenanceWindow"] == "unavailable"


def test_a_rollout_that_is_stopped_cancels_who_has_begun(os_hall: OsHall) -> None:
    os_hall.ready("gate-1", "gate-2", "gate-3")
    os_hall.roll_out()
    done, fetching, idle = (os_hall.client(f"gate-{each}") for each in (1, 2, 3))
    action = fetching.deployment()["id"]
    done_action = done.deployment()["id"]
    for client in (done, fetching):
        client.fetch()
    ok_empty(done.say(done_action, "closed", "success", "Update Installed."))
    os_hall.tick()
    os_hall.do("abort")
    os_hall.tick()
    assert set(fetching.links()) == {"cancelAction"}
    refused(fetching.http.get(f"{fetching.base}/deploymentBase/{action}"), 410, "gone")
    found = ok(fetching.http.get(fetching.links()["cancelAction"]))
    assert (found["id"], found["cancelAction"]["stopId"]) == (action, action)
    assert os_hall.course("gate-2")[0] == "returning"
    ok_empty(fetching.say(action, "closed", "success", "cancellation acknowledged.", on="cancelAction"))
    os_hall.tick()
    assert fetching.links() == {}
    assert os_hall.course("gate-2")[0] == "returned"
    assert os_hall.course("gate-3")[0] == "returned", "it had not begun: nothing to wait for"
    assert os_hall.course("gate-1") == ("failed", "no-way-back", "cannot go back: no-way-back")
    assert os_hall.shown()["failed"] == 0, "it does not speak against the release"
    assert os_hall.shown()["state"] == "aborted"
    assert idle.links().keys() <= {"cancelAction"}


def test_what_it_reports_to_run_counts_when_its_success_was_lost(os_hall: OsHall) -> None:
    client, _ = begun(os_hall)
    client.fetch()
    client.identify(hardware="gate-pi5", os_version="1.2")
    os_hall.tick()
    assert os_hall.course()[0] == "soaked"
    client.identify(os_version="1.1")
    assert os_hall.known().holds == "", "it runs something else by now"


def test_each_wave_waits_for_the_one_before(os_hall: OsHall) -> None:
    os_hall.ready("gate-1", "gate-2")
    os_hall.roll_out(waves=[{"name": "one", "percent": 50}, {"name": "rest", "percent": 50}])
    offered = [name for name in ("gate-1", "gate-2") if os_hall.client(name).links()]
    assert len(offered) == 1
    first = os_hall.client(offered[0])
    action = first.deployment()["id"]
    first.fetch()
    ok_empty(first.say(action, "closed", "success"))
    os_hall.tick(4)
    (other,) = {"gate-1", "gate-2"} - set(offered)
    assert os_hall.client(other).fetch() == IMAGE


def test_a_newer_image_follows_an_older_one(os_hall: OsHall) -> None:
    client, action = begun(os_hall)
    client.fetch()
    ok_empty(client.say(action, "closed", "success"))
    os_hall.tick()
    os_hall.released.add(image("os/gate-3.swu", 3, b"newer"))
    os_hall.released.now_ms = os_hall.hall.clock.now_ms
    os_hall.released.take_in()
    os_hall.look_again()
    os_hall.roll_out("os-3", "os/gate-3.swu")
    assert os_hall.row(name="os-3")["before"] == hashlib.sha256(IMAGE).hexdigest()
    assert client.fetch() == b"newer"


def test_what_was_withdrawn_is_not_offered_any_more(os_hall: OsHall) -> None:
    assert QUICK["spacing_ms"] == 0
    client, _ = begun(os_hall)
    found = client.deployment()["deployment"]
    href = found["chunks"][0]["artifacts"][0]["_links"]["download"]["href"]
    remove_files(os_hall.released.folder, os_hall.released.officers, [PATH])
    os_hall.released.take_in()  # and the executor has not looked yet
    assert client.links() == {}
    refused(client.http.get(href), 410, "gone")
    os_hall.look_again()
    os_hall.tick(1)
    assert client.links().keys() == {"cancelAction"}
