"""Tests that meet one of the two brokers."""

import pytest

ON_ONE_BROKER = pytest.mark.parametrize("hall", ["nats"], indirect=True)
"""Nothing in them depends on which broker carries it. What does, meets both: who is let in and thrown out,
whose topic it is, what an acknowledgement is worth, a broker that dies, a cable that is pulled, a reader that
is killed."""
