"""Whatever is not exactly an order, a report, a custom or an index is refused, and never half understood."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import cbor
from wire.bundle import FILES_MAX, INDEX_BYTES_MAX, NAME_MAX, Bundle, BundledFile, encode_bundle, parse_bundle
from wire.errors import BadSchema, RecordRejected
from wire.records import DEVICE_TYPES
from wire.updates import (
    COUNTER_MAX,
    PARTS_MAX,
    READINGS_MAX,
    TARGET_BYTES_MAX,
    Attestation,
    Order,
    Override,
    Update,
    component_of,
    parse_about,
    parse_assigned,
    parse_held,
    parse_order,
)

A, B = b"a" * 32, b"b" * 32
UPDATE = ["r1", 1, "models", A, B, "committed", "", {"fetch-ms": 5}]
ATTESTATION = ["s1", 1, 2, 0, False, [["firmware", A, A]]]
OVERRIDE = ["s1", None, "linh", "minh", "reason", 5]
ORDER = ["r1", 1, "models", "install", 0, 5]
ABOUT = {
    "component": "models",
    "version": "1",
    "counter": 3,
    "minimum": 2,
    "hardware": ["gate-pi5"],
    "requires": {"memory-kb": 1},
    "environment": "",
    "embedder": None,
    "measured": {},
}


def but(values: list[Any], at: int, value: Any) -> list[Any]:
    """The same with one field changed."""
    return [*values[:at], value, *values[at + 1 :]]


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, "R 1"),
        (0, b"r1"),
        (1, 0),
        (1, True),
        (2, "kernel"),
        (3, A[:31]),
        (4, A.hex()),
        (5, "done"),
        (6, "x" * 81),
        (7, {"fetch-ms": 0.5}),
        (7, {"fetch ms": 5}),
        (7, {f"r-{n}": n for n in range(READINGS_MAX + 1)}),
        (7, {"big": 2**53 + 1}),
        (7, []),
    ],
)
def test_an_update_with_one_wrong_field(at: int, value: Any) -> None:
    assert Update.parsed(UPDATE).values() == UPDATE
    with pytest.raises(BadSchema, match="update/1"):
        Update.parsed(but(UPDATE, at, value))


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, ""),
        (1, -1),
        (3, -1),
        (3, 2**32),
        (4, 0),
        (5, [["firmware", A]]),
        (5, [["firmware", A, A, A]]),
        (5, [["firmware", A, b""]]),
        (5, [[f"p-{n}", A, A] for n in range(PARTS_MAX + 1)]),
        (5, {"firmware": A}),
    ],
)
def test_an_attestation_with_one_wrong_field(at: int, value: Any) -> None:
    assert Attestation.parsed(ATTESTATION).unchanged
    with pytest.raises(BadSchema, match="attestation/1"):
        Attestation.parsed(but(ATTESTATION, at, value))


@pytest.mark.parametrize("rows", [[], [["f", A, B]], [["f", A, A], ["g", None, A]], [["f", A, None]]])
def test_an_attestation_of_nothing_or_of_a_change_is_not_of_an_unchanged_device(rows: list[Any]) -> None:
    assert not Attestation.parsed(but(ATTESTATION, 5, rows)).unchanged


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, None), (1, "Gate 1"), (2, "x" * 65), (3, "linh"), (4, "x" * 201), (5, -1), (5, None)],
)
def test_an_override_with_one_wrong_field_or_one_person(at: int, value: Any) -> None:
    assert Override.parsed(OVERRIDE).device is None
    with pytest.raises(BadSchema, match="override/1"):
        Override.parsed(but(OVERRIDE, at, value))


@pytest.mark.parametrize("kind", [Update, Attestation, Override])
def test_a_field_too_few_or_too_many(kind: Any) -> None:
    values = {Update: UPDATE, Attestation: ATTESTATION, Override: OVERRIDE}[kind]
    for wrong in (values[:-1], [*values, 1], None, {}, "text"):
        with pytest.raises(BadSchema):
            kind.parsed(wrong)


def test_devices_report_and_attest_and_none_of_them_overrides() -> None:
    for kinds in DEVICE_TYPES.values():
        assert {Update.kind, Attestation.kind} <= kinds
        assert Override.kind not in kinds


# -- the order -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        cbor.encode(["order/2", *ORDER]),
        cbor.encode(ORDER),
        cbor.encode(["order/1", *ORDER[:-1]]),
        cbor.encode(["order/1", *but(ORDER, 3, "erase")]),
        cbor.encode(["order/1", *but(ORDER, 1, 0)]),
        cbor.encode(["order/1", *but(ORDER, 4, -1)]),
        cbor.encode(["order/1", *but(ORDER, 0, "x" * 33)]),
        cbor.encode({"order/1": 1}),
        cbor.encode(["order/1", *ORDER]) + b"\x00",
        b"\x9f" + cbor.encode(["order/1", *ORDER])[1:] + b"\xff",
        cbor.encode(["order/1", *ORDER, "x" * 300]),
    ],
)
def test_bytes_that_are_no_order(data: bytes) -> None:
    assert parse_order(cbor.encode(["order/1", *ORDER])) == Order.parsed(ORDER)
    with pytest.raises(RecordRejected):
        parse_order(data)


@given(st.binary(max_size=80))
def test_any_bytes_end_in_an_order_or_a_refusal(data: bytes) -> None:
    try:
        parse_order(data)
    except RecordRejected as err:
        assert err.code  # noqa: PT017  # either outcome is right


# -- custom of a target --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"component": "kernel"},
        {"counter": 0},
        {"counter": COUNTER_MAX + 1},
        {"counter": 3.0},
        {"minimum": 4},
        {"hardware": []},
        {"hardware": ["Gate Pi"]},
        {"hardware": "gate-pi5"},
        {"requires": {"luck": 1}},
        {"requires": {"memory-kb": -1}},
        {"embedder": "AB" * 32},
        {"embedder": b"a" * 32},
        {"measured": {"fnir": 0.1}},
        {"forbidden-before": 5},
    ],
)
def test_a_custom_that_could_mean_something_else(change: dict[str, Any]) -> None:
    assert parse_about(ABOUT).custom() == ABOUT
    with pytest.raises(BadSchema):
        parse_about({**ABOUT, **change})


@pytest.mark.parametrize("name", sorted(ABOUT))
def test_a_custom_that_leaves_something_out(name: str) -> None:
    with pytest.raises(BadSchema, match="has the fields"):
        parse_about({key: value for key, value in ABOUT.items() if key != name})


@pytest.mark.parametrize(
    "custom",
    [
        None,
        {},
        {"device": "gate-1", "rollout": "r1"},
        {"device": "gate-1", "rollout": "r1", "generation": 0},
        {"device": "Gate 1", "rollout": "r1", "generation": 1},
        {"device": "gate-1", "rollout": "r1", "generation": "1"},
        {"device": "gate-1", "rollout": "r1", "generation": 1, "force": True},
    ],
)
def test_a_director_that_says_less_or_more(custom: Any) -> None:
    with pytest.raises(BadSchema):
        parse_assigned(custom)


@pytest.mark.parametrize(
    "text",
    [
        "",
        A.hex(),
        f"{A.hex()} ",
        f"{A.hex()} -1",
        f"{A.hex()} ١",
        f"{A.hex()} 99999999999",
        f"{'AB' * 32} 1",
    ],
)
def test_a_report_that_is_none(text: str) -> None:
    with pytest.raises(BadSchema):
        parse_held(text)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "models",
        "models/",
        "models/../x",
        "models/a/b",
        "kernel/a",
        "models/A",
        "models/" + "a" * 65,
        "/models/a",
    ],
)
def test_a_path_that_names_no_target(path: str) -> None:
    assert component_of("models/gate-2026.11_a") == "models"
    with pytest.raises(BadSchema, match="COMPONENT/NAME"):
        component_of(path)


# -- the index of a bundle -----------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "bundle": 1,
    "component": "config",
    "version": "3",
    "counter": 3,
    "files": {"settings.toml": [5, A.hex()]},
}


def written(index: Any) -> bytes:
    return json.dumps(index, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"../settings.toml": [5, A.hex()]},
        {"/etc/passwd": [5, A.hex()]},
        {"a/../b": [5, A.hex()]},
        {"a//b": [5, A.hex()]},
        {"a/.hidden": [5, A.hex()]},
        {"a\\b": [5, A.hex()]},
        {"bundle.json": [5, A.hex()]},
        {"a/" * 12 + "b": [5, A.hex()]},
        {"a" * (NAME_MAX + 1): [5, A.hex()]},
        {"a": [-1, A.hex()]},
        {"a": [5.0, A.hex()]},
        {"a": [True, A.hex()]},
        {"a": [TARGET_BYTES_MAX, A.hex()], "b": [1, A.hex()]},
        {"a": [5, A.hex()[:-1]]},
        {"a": [5]},
        {"b": [5, A.hex()], "a": [5, A.hex()]},
        {f"f-{n}": [0, A.hex()] for n in range(FILES_MAX + 1)},
        [],
    ],
)
def test_an_index_with_files_that_cannot_be(files: Any) -> None:
    with pytest.raises(RecordRejected):
        parse_bundle(written({**GOOD, "files": files}))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:0],
        lambda data: data + b"\n",
        lambda data: b" " + data,
        lambda data: data.replace(b'"bundle":1', b'"bundle":2'),
        lambda data: data.replace(b'"bundle":1', b'"bundle":true'),
        lambda data: data.replace(b'"version":"3"', b'"version":"\\u0033"'),
        lambda data: data.replace(b'"counter":3', b'"counter":3,"counter":3'),
        lambda data: data.replace(b'"config"', b'"kernel"'),
        lambda data: data.replace(b":3,", b":0,"),
        lambda data: data[:-1],
        lambda data: data[:0] + b"[" * 100_000,
        lambda data: data[:0] + b"1" * (INDEX_BYTES_MAX + 1),
        lambda data: b"\xff" + data,
    ],
)
def test_an_index_that_is_written_in_another_way(change: Callable[[bytes], bytes]) -> None:
    data = written(GOOD)
    assert encode_bundle(parse_bundle(data)) == data
    with pytest.raises(RecordRejected):
        parse_bundle(change(data))


def test_what_we_write_we_read() -> None:
    files = {"a/b.py": BundledFile(0, A), "settings.toml": BundledFile(5, B)}
    bundle = Bundle("firmware", "sửa lỗi", COUNTER_MAX, files)
    assert parse_bundle(encode_bundle(bundle)) == bundle
