"""The hall's update service as it is needed: TUF alone costs more memory than the rest of a keypad, so it is
loaded when something is asked for, and not before."""

from collections.abc import Callable, Mapping
from pathlib import Path

from edge.device.adapters.device_folder import DeviceFolder
from edge.device.config import UpdateAddress
from edge.device.updating.ports import Catalogue, Source, Wanted
from edge.device.updating.weigh import Machine
from wire.updates import Order


class UpdateService:
    """Implements Catalogue and Source. machine: this device as it stands when asked."""

    def __init__(self, folder: DeviceFolder, address: UpdateAddress, machine: Callable[[], Machine]) -> None:
        self._folder = folder
        self._address = address
        self._machine = machine
        self._opened: tuple[Catalogue, Source] | None = None

    def wanted(self, order: Order, floors: Mapping[str, int], now_ms: int) -> Wanted:
        return self._open()[0].wanted(order, floors, now_ms)

    def fetch(self, wanted: Wanted, into: Path, begin: int, limit_s: float) -> None:
        self._open()[1].fetch(wanted, into, begin, limit_s)

    def delta(self, base: bytes, archive: Path, wanted: Wanted, into: Path) -> bool:
        return self._open()[1].delta(base, archive, wanted, into)

    def _open(self) -> tuple[Catalogue, Source]:
        if self._opened is None:
            from edge.device.adapters.tuf_catalogue import TufCatalogue
            from edge.device.adapters.update_https import HttpsSource, UpdateListener

            folder, address = self._folder, self._address
            listener = UpdateListener(address.host, address.port, folder.path / "ca.crt", folder.client_files)
            catalogue = TufCatalogue(listener, folder.update / "tuf", folder.update_roots, self._machine)
            self._opened = catalogue, HttpsSource(listener)
        return self._opened
