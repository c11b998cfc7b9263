"""The charter is installed once: another one is refused while secret questions go by it."""

from dataclasses import replace
from pathlib import Path

import pytest

from ballot.errors import TrustRefused
from fleet.api.commands import init
from fleet.config import FleetConfig
from fleet.db import database_url, open_engine, reading
from fleet.desk.store import charter
from fleet.errors import ConfigError
from fleet.secret.commands import install_charter, pin
from tests.ballot.board.election import CHARTER, CONGRESS
from tests.fleet.secret.congress import Congress, SecretHall
from wire.ids import CongressId, HallId


def fleet(folder: Path, congress: str = CONGRESS) -> Path:
    wanted = FleetConfig(
        data=folder / "fleet", hall=HallId("hall-1"), congress=CongressId(congress), api_host="127.0.0.1",
        api_port=8080, broker_kind="nats", broker_host="127.0.0.1", broker_port=8883,
    )  # fmt: skip
    init(wanted, say=lambda _: None, environment={})
    return folder / "fleet"


def test_its_fingerprint_is_said_to_whoever_installs_it(tmp_path: Path) -> None:
    data, file, said = fleet(tmp_path), tmp_path / "charter", list[str]()
    file.write_bytes(CHARTER.encode())

    assert install_charter(data, file, say=said.append, environment={}) == 0
    assert CHARTER.fingerprint in "\n".join(said)
    assert install_charter(data, file, say=said.append, environment={}) == 0
    assert "before" in said[-1]
    engine = open_engine(database_url(data, {}))
    with reading(engine) as connection:
        assert charter(connection) == CHARTER.encode()
    engine.dispose()


def test_a_file_that_is_none_or_of_another_congress_is_refused(tmp_path: Path) -> None:
    data, file = fleet(tmp_path, "c2"), tmp_path / "charter"
    with pytest.raises(ConfigError, match="cannot be read"):
        install_charter(data, file, say=lambda _: None, environment={})
    file.write_bytes(b"junk")
    with pytest.raises(ConfigError, match="malformed"):
        install_charter(data, file, say=lambda _: None, environment={})
    file.write_bytes(CHARTER.encode())
    with pytest.raises(ConfigError, match="congress c1"):
        install_charter(data, file, say=lambda _: None, environment={})


def test_another_charter_is_refused_while_secret_questions_go_by_the_first(hall: SecretHall) -> None:
    other = replace(CHARTER, board_quorum=2, witness_quorum=1)
    assert pin(hall.engine, other), "nothing goes by the first one yet"
    assert pin(hall.engine, CHARTER)
    Congress(hall)

    with pytest.raises(TrustRefused, match="q1"):
        pin(hall.engine, other)
    assert not pin(hall.engine, CHARTER)
