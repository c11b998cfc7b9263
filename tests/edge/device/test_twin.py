"""A twin is applied as far as it can be, and says how far."""

from hypothesis import given
from hypothesis import strategies as st

from edge.device.twin import MEMBER, SEAT, STATUS_BYTES_MAX, TwinKey, rejected, settle
from wire import fields

KNOWN = (SEAT, MEMBER, TwinKey("threshold", fields.count, freezable=True))


def test_a_known_key_is_ok_an_unknown_one_rejected_and_an_ill_formed_one_keeps_its_value():
    done = settle({"seat": 5, "member": b"m" * 16, "colour": 1}, {"seat": "A1"}, KNOWN, frozen=False)
    assert done.values == {"seat": "A1", "member": b"m" * 16}
    assert done.status["member"] == "ok"
    assert done.status["colour"] == "rejected: unknown key"
    assert done.status["seat"].startswith("rejected: must be text")


def test_a_seat_is_rebound_even_while_frozen():
    assert settle({"member": None}, {"member": b"m" * 16}, KNOWN, frozen=True).values == {"member": None}


def test_a_key_that_is_no_longer_desired_is_dropped_unless_frozen():
    assert settle({}, {"seat": "A1", "threshold": 3}, KNOWN, frozen=False).values == {}
    assert settle({}, {"seat": "A1", "threshold": 3}, KNOWN, frozen=True).values == {"threshold": 3}


def test_a_frozen_key_that_already_has_the_desired_value_is_ok():
    assert settle({"threshold": 3}, {"threshold": 3}, KNOWN, frozen=True).status == {"threshold": "ok"}


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=50), st.binary(max_size=20)
)
twins = st.dictionaries(st.sampled_from(["seat", "member", "threshold", "colour"]), scalars)


@given(desired=twins, present=twins, frozen=st.booleans())
def test_applying_a_twin_twice_changes_nothing_and_every_desired_key_has_a_status(desired, present, frozen):
    once = settle(desired, present, KNOWN, frozen=frozen)
    twice = settle(desired, once.values, KNOWN, frozen=frozen)
    assert twice.values == once.values
    assert once.status.keys() == desired.keys()
    assert all(len(status.encode()) <= STATUS_BYTES_MAX for status in once.status.values())


def test_a_long_reason_is_cut_between_characters():
    assert len(rejected("ế" * 100).encode()) <= STATUS_BYTES_MAX
