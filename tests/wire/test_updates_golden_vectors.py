"""Orders, what officers say of a target, and the index of a bundle have one encoding, which never changes."""

import hashlib
from typing import Any

from tests.wire.test_golden_vectors import value_of
from wire.bundle import Bundle, BundledFile, encode_bundle, parse_bundle
from wire.updates import (
    Held,
    Order,
    encode_order,
    parse_about,
    parse_assigned,
    parse_held,
    parse_order,
)


def test_orders_have_one_encoding_and_come_back(vectors: Any) -> None:
    acts = set()
    for case in vectors("updates.json")["orders"]:
        order = parse_order(bytes.fromhex(case["hex"]))
        assert order.values() == value_of(case["values"])
        assert encode_order(order).hex() == case["hex"]
        assert encode_order(Order.parsed(case["values"])).hex() == case["hex"]
        acts.add(order.act)
    assert acts == {"install", "hold", "back"}


def test_what_officers_and_director_say_comes_back(vectors: Any) -> None:
    golden = vectors("updates.json")
    for custom in golden["abouts"]:
        assert parse_about(custom).custom() == custom
    for custom in golden["assigned"]:
        assert parse_assigned(custom).custom() == custom


def test_what_a_device_says_that_it_holds_comes_back(vectors: Any) -> None:
    for case in vectors("updates.json")["held"]:
        held = Held(bytes.fromhex(case["sha256"]), case["counter"])
        assert held.reported() == case["text"]
        assert parse_held(case["text"]) == held


def test_an_index_is_the_same_bytes_in_whatever_order_its_files_came(vectors: Any) -> None:
    for case in vectors("updates.json")["bundles"]:
        files = {
            name: BundledFile(size, bytes.fromhex(digest)) for name, (size, digest) in case["files"].items()
        }
        data = encode_bundle(Bundle(case["component"], case["version"], case["counter"], files))
        assert data.decode() == case["text"]
        assert hashlib.sha256(data).hexdigest() == case["sha256"]
        assert parse_bundle(data).files == files
