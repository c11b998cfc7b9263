"""What is given back in a row is given back whole, whichever part of it fails."""

import pytest

from edge.device.closing import close_each
from edge.device.errors import StoreError


def failing(name: str, called: list[str]) -> None:
    called.append(name)
    raise StoreError(name)


def test_all_are_called_in_their_order_and_what_went_wrong_is_not_lost() -> None:
    called: list[str] = []
    with pytest.raises(StoreError, match="third") as caught:
        close_each(
            lambda: failing("first", called),
            lambda: called.append("second"),
            lambda: failing("third", called),
            lambda: called.append("fourth"),
        )
    assert called == ["first", "second", "third", "fourth"]
    assert str(caught.value.__context__) == "first"


def test_nothing_is_raised_where_nothing_fails() -> None:
    close_each()
    close_each(lambda: None)


def test_a_part_of_the_firmware_that_cannot_be_given_back_keeps_neither_the_others_nor_link_and_outbox(
    device, recorder
) -> None:
    """A gate's lamps are given back before its door."""
    runtime = device.start(recorder)
    firmware, called = device.firmware, []
    runtime.on_close(lambda: failing("lamps", called))
    runtime.on_close(lambda: called.append("door"))
    device.link.close = lambda: called.append("link")
    runtime.outbox.close = lambda: called.append("outbox")
    runtime.stop()
    with pytest.raises(StoreError, match="lamps"):
        runtime.run(firmware)
    assert called == ["lamps", "door", "link", "outbox"]
