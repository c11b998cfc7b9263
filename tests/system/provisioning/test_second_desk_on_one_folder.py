"""Somebody starts a second desk, or replaces the hall's key, while a desk works with the folder."""

from collections.abc import Callable

from tests.servers.ports import free_port
from tests.system.hall import HOST
from tests.system.provisioning.site import Site

CONFIG_ERROR = 78


def test_it_is_refused_in_words_and_the_first_goes_on(new_site: Callable[[str], Site]) -> None:
    site = new_site("nats")
    folder = ["--authority", str(site.authority_folder)]
    before = {file.name: file.read_bytes() for file in site.authority_folder.iterdir()}
    ports = ["--port", str(free_port()), "--renewal-port", str(free_port()), "--host", HOST, "--no-announce"]
    words = ["provision", "desk", *folder, *site.fleet_words, "--fleet-tls", str(site.data / "tls"), *ports]
    assert "already works with" in site.hallward(*words, status=CONFIG_ERROR)
    rotate = ["provision", "rotate", *folder, "--root", str(site.root)]
    assert "already works with" in site.hallward(*rotate, status=CONFIG_ERROR)
    assert {file.name: file.read_bytes() for file in site.authority_folder.iterdir()} == before
    assert site.technician.call("GET", "/api/hall")["hall"] == site.config.hall
