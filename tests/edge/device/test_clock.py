"""Time only moves forward on proof, and a device says how sure it is."""

from hypothesis import given
from hypothesis import strategies as st

from edge.device.clock import NOTICE_MS, UNKNOWN_MS, Belief, learn

FLOOR = 1_800_000_000_000


def test_before_the_first_notice_the_system_is_believed_but_never_below_the_floor():
    belief = Belief(FLOOR)
    assert belief.wall_ms(0, FLOOR - 10**10) == FLOOR
    assert belief.wall_ms(0, FLOOR + 5) == FLOOR + 5
    assert belief.uncertainty_ms(0) == UNKNOWN_MS


def test_after_a_notice_the_system_clock_no_longer_matters():
    belief = learn(Belief(FLOOR), 1000, FLOOR + 500)
    assert belief.wall_ms(3000, 0) == belief.wall_ms(3000, 2 * FLOOR) == FLOOR + 2500


def test_uncertainty_grows_while_the_hall_is_silent():
    belief = learn(Belief(FLOOR), 0, FLOOR)
    assert belief.uncertainty_ms(0) == NOTICE_MS
    assert belief.uncertainty_ms(3_600_000) == NOTICE_MS + 720


def test_a_small_correction_backwards_is_taken_and_a_large_one_is_not():
    belief = learn(Belief(FLOOR), 0, FLOOR)
    assert learn(belief, 10_000, FLOOR + 9_500).wall_ms(10_000, 0) == FLOOR + 9_500
    assert learn(belief, 10_000, FLOOR + 5_000) is belief


@given(notices=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=30))
def test_no_sequence_of_genuine_notices_in_any_order_brings_time_below_what_was_proved(notices):
    belief, now_ms, proved = Belief(FLOOR), 0, FLOOR
    for passed_ms, offset in notices:
        now_ms += passed_ms
        after = learn(belief, now_ms, FLOOR + offset)
        assert after.wall_ms(now_ms, 0) >= proved
        assert after.floor_ms >= belief.floor_ms
        proved = max(proved, after.floor_ms)
        belief = after
