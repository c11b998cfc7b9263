"""The desk's page on this machine alone: the loopback address, no log of requests."""

import errno
import socket
from typing import Final

import uvicorn
from fastapi import FastAPI

from edge.device.errors import ConfigError

HOST: Final = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """A socket on this machine's own address; port 0: any free one. Raises ConfigError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(16)
    except (OSError, OverflowError) as err:
        listener.close()
        if isinstance(err, OSError) and err.errno == errno.EADDRINUSE:
            raise ConfigError(f"--port {port}: another program has it; leave --port out") from err
        raise ConfigError(f"--port {port}: cannot listen there ({err})") from err
    return listener


def hosts_of(listener: socket.socket) -> frozenset[str]:
    """How a browser at this machine names the desk."""
    port = listener.getsockname()[1]
    return frozenset({f"{HOST}:{port}", f"localhost:{port}"})


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Until SIGTERM or Ctrl-C."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        log_config=None,  # its own ends the handlers of whoever else logs in this process
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody stands in front of it who could say where a request came from
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listener])
