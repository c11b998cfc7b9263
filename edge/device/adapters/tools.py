"""The real tools of a self-test, over a device's folder."""

import time

from edge.device.adapters.device_folder import DeviceFolder
from edge.device.adapters.machine import Machine
from edge.device.adapters.system_clock import SystemClock
from edge.device.measuring import Tools


def tools_of(folder: DeviceFolder) -> Tools:
    """The state folder must exist (check_folder and a running device make it)."""
    from edge.device.adapters.mqtt_link import BrokerAddress, MqttLink  # paho is slow to load

    config, path = folder.identity.config, folder.path
    address = BrokerAddress(config.broker_host, config.broker_port, path / "ca.crt", *folder.client_files)
    return Tools(
        clock=SystemClock(),
        pause=lambda ms: time.sleep(ms / 1000),
        computer=Machine(folder.state),
        link=lambda: MqttLink(address, folder.identity.subscriptions),
    )
