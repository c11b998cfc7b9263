"""From a folder to a running device: the part that a gate and a keypad share."""

import faulthandler
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge.device.adapters.certificates import own_certificates
from edge.device.adapters.device_folder import DeviceFolder, read_folder
from edge.device.adapters.keystore import describe
from edge.device.adapters.measured_files import MeasuredFiles
from edge.device.adapters.process import log_to_stderr, stop_on_signals
from edge.device.adapters.system_clock import SystemClock
from edge.device.adapters.system_gauges import SystemGauges
from edge.device.adapters.systemd_notify import SystemdNotify
from edge.device.attesting import Attesting
from edge.device.errors import DeviceError, StoreError
from edge.device.firmware import Firmware
from edge.device.parts import Parts
from edge.device.renewal import Renewing
from edge.device.runtime import DeviceRuntime
from edge.device.updating.start import look_after_updates
from wire.records import Alarm

STDERR: Final = 2
RESTART: Final = 75
"""Exit status of a device that an update wants started again. Any would do: the service starts it always."""
SOFTWARE: Final = "hallward 0.1.0"


def check_folder(path: Path, role: str) -> DeviceFolder:
    """Everything but the network: configuration, key, certificates and the outbox. Raises ConfigError,
    StoreError; DeviceError when a device is running on this folder."""
    folder = read_folder(path, role)
    try:
        folder.open_outbox().close()
    except StoreError as err:
        if not _is_in_use(err):
            raise
        device = folder.identity.device
        raise DeviceError(
            f"{device} is running on {path}: stop it (`systemctl stop hallward-{role}`), check, start again"
        ) from err
    return folder


def identity_words(folder: DeviceFolder) -> str:
    """Where the key lives and how long its certificates last, or what is wrong with them: for `check`."""
    found = own_certificates(folder.path, folder.identity)
    papers = [f"{name} {one.fault or f'lasts until {_day(one.not_after_ms)}'}" for name, one in found]
    return "; ".join((f"key in {describe(folder.identity.config.key_store)}", *papers))


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def _is_in_use(err: StoreError) -> bool:
    """The outbox is held by another process."""
    return str(getattr(err.__cause__, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def new_epoch(path: Path, role: str) -> str:
    """By a technician's hand, on the device, when the hall's store holds other records than it does
    (`receipt-other-bytes`, `receipt-never-said`): the outbox is kept aside and another epoch begins.

    Whatever the fleet said is forgotten too, so it also frees a device that was told a wrong time. Returns
    what to tell the technician. Raises ConfigError, StoreError.
    """
    done = read_folder(path, role).begin_epoch()
    return f"the next start begins a new epoch; {done.unconfirmed} unconfirmed records are in {done.aside}"


def run_folder(path: Path, role: str, build: Callable[[DeviceFolder, DeviceRuntime], Firmware]) -> int:
    """Run a device until a signal ends it: exit status 0; or RESTART, when an update wants it started again.

    build: makes the firmware over the runtime; what it opens, it closes by `runtime.on_close`.
    Raises ConfigError, StoreError before anything runs.
    """
    # paho alone costs a quarter of a keypad's start: whoever only reads a folder does not load it
    from edge.device.adapters.mqtt_link import SILENT_MS_MAX, BrokerAddress, MqttLink  # noqa: PLC0415  # see above

    folder = read_folder(path, role)
    config = folder.identity.config
    log_to_stderr(config.device)
    faulthandler.enable(STDERR)  # systemd ends what hangs by SIGABRT: the log then says where each thread was
    address = BrokerAddress(config.broker_host, config.broker_port, path / "ca.crt", *folder.client_files)
    link = MqttLink(address, folder.identity.subscriptions)
    runtime = DeviceRuntime(
        Parts(
            identity=folder.identity,
            outbox=folder.open_outbox(),
            link=link,
            clock=SystemClock(),
            gauges=SystemGauges(folder.state),
            jitter=random.random,
            software=SOFTWARE,
            supervisor=SystemdNotify.of_this_process(),
        )
    )
    _look_after_certificate(folder, runtime, lambda: link.shut_out_ms)
    Attesting(runtime, MeasuredFiles(path, golden_models(folder)))
    link.beat = runtime.freshness.expect("link", SILENT_MS_MAX)
    stop_on_signals(runtime.stop)
    firmware = build(folder, runtime)
    updating = look_after_updates(folder, runtime, firmware)
    runtime.run(firmware)
    return RESTART if updating is not None and updating.restarts else 0


def golden_models(folder: DeviceFolder) -> Path | None:
    """Of a gate: the networks that it was made with."""
    named = folder.identity.config.firmware.get("models")
    return folder.path / named if isinstance(named, str) and named else None


def _look_after_certificate(
    folder: DeviceFolder, runtime: DeviceRuntime, shut_out_ms: Callable[[], int]
) -> None:
    """From now on, on a thread of its own, until the runtime ends."""
    from edge.device.adapters.renewal_client import DeskRenewer, NobodyRenews  # noqa: PLC0415  # http is slow to load

    address = folder.identity.config.renewal
    renewing = Renewing(
        NobodyRenews(folder) if address is None else DeskRenewer(folder, address),
        runtime.clock,
        random.random,
        report=lambda days: runtime.post(lambda: setattr(runtime.counters, "certificate_days", days)),
        warn=lambda words: runtime.post(lambda: runtime.alarm(Alarm("certificate-ends", words))),
        shut_out_ms=shut_out_ms,
    )
    runtime.on_close(renewing.close)
    renewing.start()
