"""The desk as a whole: what belongs together, opened in one place."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning.desk.batches import BatchFile
from provisioning.desk.book import Book
from provisioning.desk.devices import Devices, Limits
from provisioning.desk.fleet_seats import OwnAccount, PlanCopy
from provisioning.desk.journal import FILE_NAME, Journal
from provisioning.desk.placing import Placing
from provisioning.desk.ports import Authority, FleetDoor, World
from provisioning.desk.registering import Registering
from provisioning.desk.renewing import Renewing
from provisioning.desk.swapping import Swapping
from provisioning.desk.technicians import Technicians
from provisioning.desk.terms import Terms
from provisioning.errors import FleetRefused
from provisioning.hall import HallCard
from provisioning.updates import UpdateService


@dataclass(frozen=True, slots=True)
class Setup:
    """folder: the authority's, where the journal lies. page: `https://host:port` of the pages. renewal: host
    and port for renewals. crl: copies of the revocation list. account, password: the desk's own. update:
    None: devices that are claimed here have no updates."""

    folder: Path
    page: str
    renewal: tuple[str, int]
    account: str
    password: str
    policy: Mapping[str, Any]
    charter: bytes | None
    crl: tuple[Path, ...] = ()
    update: UpdateService | None = None
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    card: HallCard
    book: Book
    plan: PlanCopy
    own: OwnAccount
    placing: Placing
    registering: Registering
    devices: Devices
    renewing: Renewing
    technicians: Technicians
    swapping: Swapping

    def tick(self) -> None:
        """Once a second: what time alone does. Raises ConfigError when the disk is full."""
        self.book.sweep()
        self.registering.tick()
        with suppress(FleetRefused):
            self.swapping.tick(self.own)

    def close(self) -> None:
        self.registering.close()


def open_desk(setup: Setup, authority: Authority, door: FleetDoor, world: World) -> Desk:
    """Raises ConfigError, AuthorityError when the journal is damaged."""
    turn = threading.Lock()
    journal = Journal(setup.folder / FILE_NAME)
    book, plan = Book(journal, world), PlanCopy(world)
    own, technicians = OwnAccount(door, setup.account, setup.password), Technicians(door, world)
    hall = authority.card.hall
    placing = Placing(book, plan, own, hall, BatchFile(setup.folder).every)
    registering = Registering(book, authority, turn, own, plan, technicians.seat_of)
    terms = Terms(
        authority,
        turn,
        renewal=setup.renewal,
        policy=setup.policy,
        charter=setup.charter,
        update=setup.update,
    )
    return Desk(
        card=authority.card,
        book=book,
        plan=plan,
        own=own,
        placing=placing,
        registering=registering,
        devices=Devices(book, placing, registering, terms, page=setup.page, limits=setup.limits),
        renewing=Renewing(book, authority, turn, own, terms),
        technicians=technicians,
        swapping=Swapping(book, authority, turn, plan, setup.crl, journal.lines),
    )
