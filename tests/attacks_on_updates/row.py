"""One row of the table of attacks on updates, and the stage on which it is carried out."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from tests.attacks_on_updates.device import INSTALLED, Device
from tests.attacks_on_updates.hall import Answer, Hall, order, path_of

NEXT_RELEASE: Final = "the next release"
NEW_KEYS: Final = "a root with new keys for the fleet"


class NotAnAttack(Exception):
    """What should have worked without the attack did not: the refusal after it would mean nothing."""


T = TypeVar("T")


class Stage:
    """A hall with release 2 out, a device that runs release 1, and knows the order to take release 2."""

    def __init__(self, hall: Hall, device: Device) -> None:
        self.hall = hall
        self.device = device
        self.before = ""

    @property
    def served(self) -> dict[str, bytes | Answer]:
        """By path; an attacker on the network changes it."""
        return self.hall.served.files

    def settled(self) -> None:
        """What runs now must run after the attack, too."""
        self.before = self.device.running()

    def ask(self, generation: int = 2, base: Path | None = None) -> str:
        """The device carries out its order."""
        return self.device.update(order(generation), self.hall.now, base)

    def install(self, generation: int) -> None:
        """Without an attack. Raises NotAnAttack."""
        said = self.ask(generation)
        if said != INSTALLED:
            raise NotAnAttack(f"what is honest is not taken: {said}")
        self.settled()

    def each(self, forms: Iterable[T], attack: Callable[[T], object]) -> str:
        """The device asks once under each form of an attack, each on top of what was honest, and of what the
        device knew before."""
        honest, answers = dict(self.served), []
        with self.device.as_it_is() as again:
            for form in forms:
                self.hall.served.files = dict(honest)
                again()
                attack(form)
                answers.append(self.ask())
        return codes(answers)


Act = Callable[[Stage], str]


@dataclass(frozen=True, slots=True)
class Attack:
    """attacker: who. holds: what they have. does: what they do with it. by: the code that must stop it,
    importable. said: how the device's attempt ends; several where one attack has several forms. mend: what
    the hall does after it, so that the device takes updates again. gains: what the attacker has of it all the
    same; empty: nothing. takes: the device takes the genuine release in spite of it."""

    id: str
    attacker: str
    holds: str
    does: str
    by: str
    said: str
    act: Act = field(repr=False)
    mend: str = NEXT_RELEASE
    gains: str = ""
    takes: bool = False
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """said: of the attack. is_same: what ran before still runs, byte for byte. after: how the first honest
    update after it ends."""

    said: str
    is_same: bool
    after: str

    @property
    def verdict(self) -> str:
        """What the table must say."""
        kept = "" if self.is_same else ", and something else runs"
        back = "" if self.after == INSTALLED else f", and then: {self.after}"
        return self.said + kept + back


class Rows(list[Attack]):
    """The rows of one attacker, each written above the function that carries it out."""

    def __init__(self, attacker: str, holds: str) -> None:
        super().__init__()
        self._attacker = attacker
        self._holds = holds

    def attack(
        self,
        does: str,
        *,
        by: str,
        said: str,
        holds: str = "",
        mend: str = NEXT_RELEASE,
        gains: str = "",
        takes: bool = False,
        slow: bool = False,
    ) -> Callable[[Act], Act]:
        def written(act: Act) -> Act:
            name = act.__name__.replace("_", "-")
            held = holds or self._holds
            self.append(Attack(name, self._attacker, held, does, by, said, act, mend, gains, takes, slow))
            return act

        return written


def carried_out(attack: Attack) -> Outcome:
    with staged() as stage:
        said = attack.act(stage)
        is_same = (stage.device.running() == stage.before) is not attack.takes
        return Outcome(said, is_same, _mended(stage, attack.mend))


@contextmanager
def staged() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as name:
        hall = Hall(Path(name) / "release")
        device = Device(Path(name) / "device", hall.roots, hall.served)
        stage = Stage(hall, device)
        hall.assign(path_of(1), 1)
        hall.publish()
        stage.install(1)
        hall.put_out(2)
        hall.assign(path_of(2), 2)
        hall.publish()
        yield stage


def _mended(stage: Stage, mend: str) -> str:
    """The hall answers again, and has something newer."""
    hall = stage.hall
    hall.served.files = {}
    stage.device.listener = hall.served
    if mend == NEW_KEYS:
        hall.rotate()
    hall.put_out(50)
    hall.assign(path_of(50), 50)
    hall.version += 100  # the fleet's versions rise with the seconds
    hall.publish()
    return stage.ask(50)


def codes(answers: Iterable[str]) -> str:
    """Of several forms of one attack: each answer once."""
    return ", ".join(sorted(set(answers)))
