"""Orders to devices, each by whoever carries it out: a twin key and the director, a hawkBit client, a
follower."""

from collections.abc import Iterable, Sequence
from typing import Final

from fleet.db import Connection
from fleet.desk.office import Act
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.devices.rules import UPDATE, Desired
from fleet.rollout import store
from fleet.rollout.observing import store as observing
from fleet.rollout.rules.causes import NEUTRAL, RETRIABLE
from fleet.rollout.rules.shape import Backend, Course, DeviceState, Given, Target
from fleet.updates import director
from wire.ids import DeviceId
from wire.updates import Order, encode_order

INSTALL: Final = "install"
BACK: Final = "back"


def give(act: Act, rollout: str, target: Target, orders: Sequence[Given]) -> None:
    """Write down, sign and tell these orders, in this act. Those of a follower stand in the rollout alone: it
    asks, and reports."""
    _native(act, rollout, target, [order for order in orders if order.backend is Backend.NATIVE])
    ddi = [order for order in orders if order.backend is Backend.DDI]
    begun = [(order.device, order.generation) for order in ddi if order.act == INSTALL]
    store.open_actions(act.connection, rollout, begun, act.now_ms)
    ended = [order.device for order in ddi if order.act != INSTALL]
    store.cancel_actions(act.connection, ended, act.now_ms)


def take_off(connection: Connection, component: str, courses: Iterable[Course]) -> None:
    """The director no longer names the release to whom it failed on, or who is back from it: a card that is
    written anew would install it again."""
    for course in courses:
        is_over = course.state is DeviceState.RETURNED or (
            course.state is DeviceState.FAILED and course.cause not in NEUTRAL | RETRIABLE
        )
        if is_over and course.planned.backend is Backend.NATIVE:
            director.unassign(connection, course.planned.device, component)


def _native(act: Act, rollout: str, target: Target, orders: Sequence[Given]) -> None:
    if not orders:
        return
    component = target.about.component
    for order in orders:
        if order.act == INSTALL:
            director.assign(act.connection, order.device, target, rollout, order.generation)
        elif order.act == BACK:
            director.unassign(act.connection, order.device, component)
    active = observing.active(act.connection)  # to who is revoked nothing is told any more
    orders = [order for order in orders if order.device in active]
    said = {order.device: encode_order(_order(rollout, component, order)) for order in orders}
    desire(act, _beside(act, said.items()))


def _order(rollout: str, component: str, order: Given) -> Order:
    return Order(rollout, order.generation, component, order.act, order.not_before_ms, order.not_after_ms)


def _beside(act: Act, said: Iterable[tuple[DeviceId, bytes]]) -> dict[DeviceId, Desired]:
    """Whatever else is desired of them stays: a seat, a ballot under way, badges that are revoked."""
    values = dict(said)
    before = devices.twins_of(act.connection, values.keys())
    return {device: before.get(device, {}) | {UPDATE: value} for device, value in values.items()}
