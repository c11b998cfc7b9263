"""Clients that ask for what is not theirs, say what is not true, or say too much; and what polls cost."""

import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.__main__ import main
from fleet.api.commands import init
from fleet.audit import store as audit
from fleet.config import FleetConfig
from fleet.db import database_url, open_engine, reading, writing
from fleet.ddi import store
from fleet.ddi.routes import BODY_BYTES_MAX
from fleet.ddi.rules import LINE_CHARS_MAX, LINES_MAX, digest
from fleet.ddi.work import WRITES_A_MINUTE
from fleet.devices import store as registry
from tests.fleet.ddi.os_hall import BASE, OsHall, ok_empty
from tests.fleet.hall_under_test import CONGRESS, HALL, HallUnderTest, refused
from wire.ids import DeviceId
from wire.keys import Alg, public_key

pytestmark = pytest.mark.slow


@pytest.fixture
def os_hall(hall: HallUnderTest, tmp_path: Path) -> OsHall:
    return OsHall.begun(hall, tmp_path)


def test_another_hall_or_another_device_is_not_theirs(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1", "gate-2")
    refused(client.http.get("/default/controller/v1/gate-1"), 404, "not-found")
    refused(client.http.get(f"{BASE}/gate-2"), 403, "forbidden")
    refused(os_hall.client("gate-1", peer="gate-2").http.get(f"{BASE}/gate-1"), 403, "forbidden")


def test_another_devices_action_is_nobodys(os_hall: OsHall) -> None:
    os_hall.ready("gate-1", "gate-2")
    os_hall.roll_out()
    one, other = os_hall.client("gate-1"), os_hall.client("gate-2")
    theirs = other.deployment()["id"]
    for path in (
        f"deploymentBase/{theirs}",
        f"cancelAction/{theirs}",
        f"softwaremodules/{theirs}/artifacts/x",
    ):
        refused(one.http.get(f"{BASE}/gate-1/{path}"), 404, "not-found")
    refused(one.say(theirs, "closed", "success"), 404, "not-found")
    refused(one.say(theirs, "closed", "success", on="cancelAction"), 404, "not-found")
    os_hall.tick()
    assert os_hall.course("gate-2")[0] == "ordered"


def test_a_number_that_is_no_action_is_not_found(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    for number in ("0", "-1", "abc", "9999999999", "1%00", "007", "99"):
        refused(client.http.get(f"{BASE}/gate-1/deploymentBase/{number}"), 404, "not-found")


def test_a_file_beside_the_image_is_not_served(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    os_hall.roll_out()
    action = client.deployment()["id"]
    for name in ("gate-1.swu", "..%2f..%2fhall.db", "%2e%2e"):
        answer = client.http.get(f"{BASE}/gate-1/softwaremodules/{action}/artifacts/{name}")
        assert answer.status_code == 404, name


NO_FEEDBACK = (
    b"",
    b"[]",
    b"{",
    b"[" * 100_000,
    b'{"status":{}}',
    b'{"status":{"execution":"exploded","result":{"finished":"success"}}}',
    b'{"status":{"execution":"closed","result":{"finished":"maybe"}}}',
    b'{"status":{"execution":"closed","result":{"finished":"none"}}}',
    b'{"status":{"execution":"closed","result":{"finished":"success"},"details":[1]}}',
    b'{"status":{"execution":["closed"],"result":{"finished":"success"}}}',
    b"\xff\xfe",
)


def test_feedback_that_is_none_changes_nothing(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    os_hall.roll_out()
    action = client.deployment()["id"]
    for body in NO_FEEDBACK:
        answer = client.http.post(f"{BASE}/gate-1/deploymentBase/{action}/feedback", content=body)
        refused(answer, 422, "bad-input")
    assert client.deployment()["id"] == action


def test_feedback_is_bounded(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    os_hall.roll_out()
    action = client.deployment()["id"]
    address = f"{BASE}/gate-1/deploymentBase/{action}/feedback"
    refused(client.http.post(address, content=b" " * (BODY_BYTES_MAX + 1)), 413, "too-large")
    for each in range(5):
        ok_empty(client.say(action, "proceeding", "none", *[f"{each} \x1b[31m\n" + "x" * 500] * 48))
    with reading(os_hall.hall.engine) as connection:
        found = store.find(connection, DeviceId("gate-1"), int(action))
    assert found is not None
    assert len(found.lines) == LINES_MAX
    assert all(len(line) <= LINE_CHARS_MAX and line.isprintable() for line in found.lines)


def test_a_client_that_never_stops_talking_costs_no_more_than_others(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1", "gate-2")
    os_hall.roll_out()
    action = client.deployment()["id"]
    answers = [client.say(action, "proceeding").status_code for _ in range(WRITES_A_MINUTE + 10)]
    assert answers.count(200) in range(WRITES_A_MINUTE - 1, WRITES_A_MINUTE + 1)
    assert set(answers) == {200, 429}
    other = os_hall.client("gate-2")
    ok_empty(other.say(other.deployment()["id"], "proceeding"))
    os_hall.hall.clock.step(60_000)
    ok_empty(client.say(action, "proceeding"))


def test_a_line_break_in_an_error_does_not_lose_the_report(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    os_hall.roll_out()
    action = client.deployment()["id"]
    body = b'{"status":{"execution":"closed","result":{"finished":"failure"},"details":["bad\n\tthing"]}}'
    ok_empty(client.http.post(f"{BASE}/gate-1/deploymentBase/{action}/feedback", content=body))
    os_hall.tick()
    assert os_hall.course()[2] == "refused by the device: bad  thing"


def test_success_without_having_fetched_anything_is_not_believed(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    os_hall.roll_out()
    ok_empty(client.say(client.deployment()["id"], "closed", "success", "Update Installed."))
    os_hall.tick()
    assert os_hall.course()[:2] == ("failed", "install-failed")
    assert os_hall.known().holds == ""


TOO_MUCH: tuple[dict[str, Any], ...] = (
    {"data": {"a": 1}},
    {"data": []},
    {"mode": "eval", "data": {}},
    {"data": {"a": "x" * 129}},
    {"data": {"x" * 65: "a"}},
    {"data": {"": "a"}},
    {"data": {str(each): "a" for each in range(33)}},
)


def test_attributes_are_bounded(os_hall: OsHall) -> None:
    client = os_hall.ready("gate-1")
    for body in TOO_MUCH:
        refused(client.http.put(f"{BASE}/gate-1/configData", json=body), 422, "bad-input")
    assert os_hall.known().attributes == {"hardware": "gate-pi5"}


def test_a_target_token_is_asked_for_once_there_is_one(os_hall: OsHall) -> None:
    os_hall.ready("gate-1", "gate-2")
    with writing(os_hall.hall.engine) as connection:
        store.set_token(connection, DeviceId("gate-1"), digest("the token"))
    bare, wrong, right = (os_hall.client("gate-1", token=token) for token in ("", "another", "the token"))
    refused(bare.http.get(bare.base), 401, "not-signed-in")
    refused(wrong.http.get(wrong.base), 401, "not-signed-in")
    refused(os_hall.client("gate-1", peer="gate-2", token="the token").http.get(bare.base), 403, "forbidden")
    assert "config" in right.poll()
    assert "config" in os_hall.client("gate-2").poll()


def test_a_token_is_shown_once_and_its_hash_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "fleet"
    init(FleetConfig(data, HALL, CONGRESS), say=lambda _: None, environment={})
    engine = open_engine(database_url(data, {}))
    with writing(engine) as connection:
        key = public_key(Alg.EDDSA, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
        registry.add(connection, DeviceId("gate-1"), "gate", key, None, "pem", "door", 0)
    assert main(["ddi", "token", "gate-9", "--data", str(data)]) != 0
    assert main(["ddi", "token", "gate-1", "--data", str(data)]) == 0
    made = capsys.readouterr().out.splitlines()[-1]
    with reading(engine) as connection:
        assert store.client(connection, DeviceId("gate-1")).token == digest(made)
        assert made not in str(audit.page(connection, -1, 100))
        assert audit.verify(connection) is None
    assert main(["ddi", "token", "gate-1", "--forget", "--data", str(data)]) == 0
    with reading(engine) as connection:
        assert store.client(connection, DeviceId("gate-1")).token is None
    engine.dispose()


def test_two_thousand_clients_that_poll_every_minute_cost_little(
    os_hall: OsHall, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"gate-{each}" for each in range(2000)]
    os_hall.stand(*names)
    with writing(os_hall.hall.engine) as connection:
        for name in names:
            store.set_attributes(
                connection, DeviceId(name), {"hardware": "gate-pi5"}, os_hall.hall.clock.now_ms
            )
    os_hall.roll_out(waves=[{"name": "half", "percent": 50}, {"name": "rest", "percent": 50}])
    work = os_hall.app.state.ddi
    began_s = time.process_time()
    offered = 0
    for name in names:
        work.check(DeviceId(name), HALL, name, None)
        offered += "deploymentBase" in work.poll(DeviceId(name), "https://hall.test").get("_links", {})
    took_s = time.process_time() - began_s
    with capsys.disabled():
        print(  # noqa: T201  # measured
            f"\n2000 polls, half with an order: {took_s:.2f} s of CPU, "
            f"{took_s / 60:.1%} of a core when each client asks once a minute"
        )
    assert offered == 1000
    assert took_s < 20
