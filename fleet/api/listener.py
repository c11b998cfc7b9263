"""The sockets that API and update listener listen on; apart from them, since who starts the API asks whether
its port is free."""

import errno
import socket

from fleet.config import FILE_NAME, FleetConfig
from fleet.errors import ConfigError


def listen(config: FleetConfig) -> socket.socket:
    """The listening socket, opened before anything else, so that a taken port is said in one sentence.

    Raises ConfigError.
    """
    where = f"{config.data / FILE_NAME}: api.host {config.api_host}, api.port {config.api_port}"
    return listen_at(config.api_host, config.api_port, where)


def listen_for_updates(config: FleetConfig) -> socket.socket:
    """Likewise, for the update listener. Raises ConfigError."""
    where = (
        f"{config.data / FILE_NAME}: updates.host {config.updates_host}, updates.port {config.updates_port}"
    )
    return listen_at(config.updates_host, config.updates_port, where)


def listen_at(host: str, port: int, where: str) -> socket.socket:
    """where: file and fields, for the sentence. Raises ConfigError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as err:
        raise ConfigError(f"{where}: no such address: {err.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as err:
        listener.close()
        if err.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"{where}: another program has this port; stop it, or choose another port"
            ) from None
        raise ConfigError(f"{where}: cannot listen there: {err.strerror}") from None
    return listener
