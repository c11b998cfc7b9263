"""From a device's folder to its updates: which slots it has, who launched it, where releases come from."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

from edge.device.adapters.device_folder import DeviceFolder
from edge.device.adapters.launch_file import LaunchFile
from edge.device.adapters.machine import Machine as Computer
from edge.device.adapters.measured_files import PACKAGES
from edge.device.adapters.parts_folder import PartsFolder
from edge.device.adapters.slots_folder import SlotsFolder
from edge.device.adapters.update_tools import UpdateService
from edge.device.firmware import Firmware
from edge.device.launch import GOLDEN, GOLDEN_VARIABLE, SLOT_VARIABLE
from edge.device.runtime import DeviceRuntime
from edge.device.update import Job
from edge.device.updating.holding import held, reported, slots_running
from edge.device.updating.kept import read_job
from edge.device.updating.ports import Slots, Updatable
from edge.device.updating.updating import Facts, Updating
from edge.device.updating.weigh import Machine
from edge.device.updating.works import Tools

ENVIRONMENT_DIGITS: Final = 16


def slots_of(folder: DeviceFolder, golden: Path) -> dict[str, Slots]:
    """Of each component that this device can have replaced by itself. golden: where the image's own firmware
    lies."""
    config, root = folder.identity.config, folder.update / "slots"
    found: dict[str, Slots] = {
        "firmware": SlotsFolder(root / "firmware", "firmware", golden, PACKAGES),
        "config": SlotsFolder(root / "config", "config", None),
    }
    if config.role == "gate":
        models = config.firmware.get("models")
        made_with = folder.path / models if isinstance(models, str) else None
        found["models"] = SlotsFolder(root / "models", "models", made_with)
    return found


def golden_root() -> Path:
    """Where the image's own firmware lies: the launcher says so, or it is what runs."""
    said = os.environ.get(GOLDEN_VARIABLE)
    return Path(said) if said else Path(__file__).resolve().parents[3]


def environment_of(role: str, golden: Path) -> str:
    """Of Python and its libraries, by the file of pins that the image was made with; empty: there is none."""
    name = f"{role}-py{sys.version_info.major}{sys.version_info.minor}.txt"
    for root in (golden, Path(sys.prefix).parent):
        path = root / "requirements" / name
        if path.is_file():
            return hashlib.sha256(path.read_bytes()).hexdigest()[:ENVIRONMENT_DIGITS]
    return ""


def update_words(folder: DeviceFolder) -> str:
    """For `check`, of a device that stands still: what it has of each component, and how far an update is.
    Raises StoreError."""
    if folder.identity.config.update is None:
        return "updates: by hand alone, there is no [update] in device.toml"
    outbox = folder.open_outbox()
    try:
        job = read_job(outbox)
    finally:
        outbox.close()
    words = [_slot_words(name, slots) for name, slots in sorted(slots_of(folder, golden_root()).items())]
    return f"updates: {', '.join(words)}; {_job_words(job)}"


def _slot_words(component: str, slots: Slots) -> str:
    slot = slots.in_force()
    found = slots.holds(slot)
    if slot == GOLDEN or found is None:
        return f"{component} as it was made"
    return f"{component} of release {found.counter} in slot {slot}"


def _job_words(job: Job) -> str:
    order = job.order
    if order is None:
        return "none was ordered yet"
    what = f"{order.component} of rollout {order.rollout}"
    if job.is_idle:
        return f"the last one, {what}, is {f'refused: {job.cause}' if job.cause else 'done'}"
    return f"under way: {what}, {job.state}"


def look_after_updates(folder: DeviceFolder, runtime: DeviceRuntime, firmware: Firmware) -> Updating | None:
    """Before the runtime begins. None: nobody serves updates to this device, or its firmware has none;
    what it runs, it says all the same."""
    address, golden = folder.identity.config.update, golden_root()
    slots = slots_of(folder, golden)
    if address is None or not isinstance(firmware, Updatable) or firmware.subject is None:
        running = slots_running(slots, os.environ.get(SLOT_VARIABLE))
        runtime.holds.update(reported(held(slots, running)))
        return None
    computer = Computer(folder.state)
    facts = Facts(
        address.hardware,
        environment_of(folder.identity.config.role, golden),
        os.environ.get(SLOT_VARIABLE),
    )

    def machine() -> Machine:
        return Machine(
            folder.identity.device,
            facts.hardware,
            facts.environment,
            updating.held(),
            updating.minimums(),
            computer.memory_kb(),
            computer.free_kb(),
        )

    service = UpdateService(folder, address, machine)
    tools = Tools(
        catalogue=service,
        source=service,
        slots=slots,
        parts=PartsFolder(folder.update / "parts"),
        guard=LaunchFile(folder.update),
        subject=firmware.subject,
        can_launch=SLOT_VARIABLE in os.environ,
        monotonic_ms=runtime.clock.monotonic_ms,
    )
    updating = Updating(runtime, tools, facts)
    return updating
