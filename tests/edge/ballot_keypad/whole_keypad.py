"""python tests/edge/ballot_keypad/whole_keypad.py FOLDER: what a keypad loads for a secret question.

Runtime, outbox, link, the libraries of keys and display, libsodium, the longest ballot proved, its pages and
codes drawn, in one process. Says resident KiB, then the microseconds of one proof for 3 options, 20 choose 15
and 60 choose 45."""

import sys
import time
from pathlib import Path

from ballot.adapters.libsodium import Libsodium
from ballot.context import Context
from ballot.prove import Prover
from ballot.seeds import Check, check_text
from ballot.shape import Shape, at_most, one_of
from edge.ballot_keypad.adapters.gpiozero_matrix import GpiozeroMatrix
from edge.ballot_keypad.adapters.luma_oled import LumaOled
from edge.ballot_keypad.app import build
from edge.ballot_keypad.display.drawing.picture import SIZES, draw, parts
from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.keys.press import TIMES
from edge.ballot_keypad.secret.frames import frames_of
from edge.device.adapters.mqtt_link import MqttLink
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from edge.device.health import parse_rss_kb
from wire.ids import ContestId, VoterRef

LOADED = (build, MqttLink, GpiozeroMatrix)
TIMES_EACH = 20


def people(count: int) -> list[str]:
    return [f"c{number}" for number in range(1, count + 1)]


def proved_us(shape: Shape, choices: list[int]) -> int:
    """The quickest of several."""
    group = Libsodium()
    context = Context(bytes(32), ContestId(bytes(16)), shape, group.base(7))
    prover = Prover(group, context)
    best = 10**9
    for seq in range(1, TIMES_EACH + 1):
        begun = time.perf_counter_ns()
        prover.body(bytes(16), 0, bytes(32), seq, bytes(32), choices)
        best = min(best, time.perf_counter_ns() - begun)
    return best // 1000


def main(folder: Path) -> None:
    store = SqliteOutboxStore(folder / "outbox.db")
    import luma.core.interface.serial
    import luma.oled.device

    assert luma.oled.device.ssd1322
    assert luma.core.interface.serial.i2c
    assert LumaOled("ssd1322", object)
    keys = GpiozeroMatrix((5, 6, 12, 13, 16), (17, 22, 23, 27), lambda: 0, has_diodes=True, times=TIMES)
    times = [
        proved_us(one_of(("yes", "no", "abstain")), [1, 0, 0]),
        proved_us(at_most(15, people(20)), [1] * 15 + [0] * 6),
        proved_us(at_most(45, people(60)), [1] * 45 + [0] * 16),
    ]
    check = Check(ContestId(bytes(16)), VoterRef(bytes(16)), 0, 1, bytes(32), bytes(32), bytes(61))
    for page in (
        Page("A-12", title="Bầu Ban Chấp hành", body=tuple(f"{n}. Nguyễn Thị Ngọc Ánh" for n in range(45))),
        Page("A-12", title="Mã phiếu", code="7K4Q-0D8B-5S2Z"),
        Page("A-12", title="Phiếu kiểm tra", qr=frames_of(check_text(check))),
    ):
        for size in SIZES:
            for part in range(parts(page, size)):
                draw(page, size, part)
    found = parse_rss_kb(Path("/proc/self/status").read_text(encoding="ascii")), *times
    sys.stdout.write(" ".join(map(str, found)) + "\n")
    keys.close()
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
