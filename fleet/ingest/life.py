"""One life of a store: its id and its epochs, kept in table settings. A restore from a backup begins
another life.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from fleet.errors import ConfigError
from wire.ids import EPOCH_BYTES, STORE_ID_BYTES, CongressId, Epoch, HallId, StoreId

RandomBytes = Callable[[int], bytes]

CONGRESS: Final = "congress"
HALL: Final = "hall"
STORE_ID: Final = "store_id"
STORE_EPOCH: Final = "store_epoch"
STORE_BOOT: Final = "store_boot"
DESK_EPOCH: Final = "desk_epoch"
RESTORED_FROM: Final = "restored_from"


@dataclass(frozen=True, slots=True)
class Life:
    """boot: how often ingest has started on this store, from 1. restored_from: the store whose backup it
    grew from.
    """

    congress: CongressId
    hall: HallId
    store_id: StoreId
    store_epoch: Epoch
    boot: int
    restored_from: StoreId | None = None


def first_settings(congress: str, hall: str, random: RandomBytes) -> dict[str, str]:
    """What a new store is begun with."""
    return {
        CONGRESS: congress,
        HALL: hall,
        STORE_ID: random(STORE_ID_BYTES).hex(),
        STORE_EPOCH: random(EPOCH_BYTES).hex(),
        STORE_BOOT: "0",
    }


def next_life(settings: Mapping[str, str], random: RandomBytes) -> dict[str, str]:
    """What changes when a store goes on from a backup: nobody can tell what the lost one had already said."""
    return {
        RESTORED_FROM: settings[STORE_ID],
        STORE_ID: random(STORE_ID_BYTES).hex(),
        STORE_EPOCH: random(EPOCH_BYTES).hex(),
    }


def read_life(settings: Mapping[str, str], congress: str, hall: str) -> Life:
    """The life that these settings describe. Raises ConfigError when fleet.toml names another congress or
    hall.
    """
    for name, configured in ((CONGRESS, congress), (HALL, hall)):
        if settings[name] != configured:
            raise ConfigError(
                f"fleet.toml: {name} is {configured!r}, but this store belongs to {settings[name]!r}: "
                "correct fleet.toml, or begin another data folder"
            )
    restored_from = settings.get(RESTORED_FROM)
    return Life(
        CongressId(congress),
        HallId(hall),
        StoreId(bytes.fromhex(settings[STORE_ID])),
        Epoch(bytes.fromhex(settings[STORE_EPOCH])),
        int(settings[STORE_BOOT]),
        StoreId(bytes.fromhex(restored_from)) if restored_from else None,
    )
