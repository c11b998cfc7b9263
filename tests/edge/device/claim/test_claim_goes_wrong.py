"""Whatever is wrong outside is said on the display, nothing is half-claimed, and it goes on by itself."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from edge.device.adapters.claim_folder import ClaimFolder
from edge.device.adapters.seed_file import is_device, read_seed
from edge.device.claim.seed import Seed
from edge.device.claim.start import Look, Role, claim, how_far
from edge.device.claim.table import State
from edge.device.config import DeskAddress
from edge.device.errors import ConfigError, DeviceError
from tests.edge.device.claim.desk_under_test import ClaimDesk, seeded
from tests.edge.device.claim.rig import Machine, Person, QuickClock
from tests.edge.device.hall_desk import Desk, Hall, make_hall
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from wire.enrol import HELLO_PATH, INSTALLED_PATH

pytestmark = pytest.mark.slow


def test_a_clock_of_1970_is_named_before_anything_is_asked(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served:
        clock = QuickClock()
        clock.wall = lambda: 86_400_000
        with Machine(seeded(tmp_path / "d", hall, served.port), clock=clock) as machine:
            machine.person.reads(State.NO_CLOCK)
            assert desk.heard == []
            clock.wall = QuickClock().wall
            machine.person.reads(State.WAITING)


def test_a_machine_without_a_network_says_so_and_goes_on_when_it_is_plugged_in(
    tmp_path: Path, hall: Hall
) -> None:
    desk = ClaimDesk(hall)
    machine = Machine(seeded(tmp_path / "d", hall, None))
    machine.discovery.unplug()
    with desk.serve() as served, machine:
        machine.person.reads(State.NO_NETWORK)
        machine.discovery.plug_in()
        wait_until(lambda: "mDNS" in machine.person.page.detail, "looking for a desk")
        assert machine.person.page.state is State.LOOKING
        machine.discovery.announce(DeskAddress("127.0.0.1", served.port))
        machine.person.reads(State.WAITING)


def test_a_desk_that_is_not_there_yet_is_named_and_found_when_it_comes(tmp_path: Path, hall: Hall) -> None:
    port = free_port()
    with Machine(seeded(tmp_path / "d", hall, port)) as machine:
        machine.person.reads(State.SILENT)
        assert f"127.0.0.1:{port}" in machine.person.page.detail


def test_a_named_desk_without_a_network_is_no_silent_desk(tmp_path: Path, hall: Hall) -> None:
    machine = Machine(seeded(tmp_path / "d", hall, free_port()))
    machine.discovery.unplug()
    with machine:
        machine.person.reads(State.NO_NETWORK)
        machine.discovery.plug_in()
        machine.person.reads(State.SILENT)


def test_of_several_desks_only_one_under_the_pinned_root_is_believed(tmp_path: Path, hall: Hall) -> None:
    (tmp_path / "other").mkdir()
    foreign = ClaimDesk(make_hall(tmp_path / "other"))
    ours = ClaimDesk(hall)
    machine = Machine(seeded(tmp_path / "d", hall, None))
    with foreign.serve() as bad, ours.serve() as good:
        machine.discovery.announce(DeskAddress("127.0.0.1", bad.port))
        machine.discovery.announce(DeskAddress("127.0.0.1", free_port()))
        with machine:
            machine.person.reads(State.NOT_TRUSTED)
            assert f"127.0.0.1:{bad.port} is not under the root" in machine.person.page.detail
            assert foreign.heard == []
            machine.discovery.announce(DeskAddress("127.0.0.1", good.port))
            machine.person.reads(State.WAITING)
    assert foreign.heard == []
    assert machine.person.page.code == ours.only.status.code


def test_a_device_of_the_hall_cannot_play_its_desk(tmp_path: Path, hall: Hall) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    files = hall.server_files(hall.authority.issue_from_key("keypad-evil", key.public_key()), key)
    heard: list[str] = []

    def answer(path: str, _: bytes) -> tuple[int, str, bytes]:
        heard.append(path)
        return 500, "text/plain", b""

    with Desk(files, answer) as served, Machine(seeded(tmp_path / "d", hall, served.port)) as machine:
        machine.person.reads(State.NOT_TRUSTED)
    assert heard == []


def test_a_refusal_is_shown_in_the_desks_words_and_tried_again(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served, Machine(seeded(tmp_path / "d", hall, served.port)) as machine:
        machine.person.reads(State.WAITING)
        said = ("Số máy SN-0001 đã đăng ký với khóa khác.", "Serial SN-0001 is registered with another key.")
        desk.refuse(*said)
        machine.person.reads(State.REFUSED)
        assert machine.person.page.title == said
        assert not (tmp_path / "d" / "device.toml").exists()
        desk.forget()
        machine.person.reads(State.WAITING)
        desk.says_no = ("token-unknown", "the token is over")
        machine.person.reads(State.REFUSED)
        assert machine.person.page.title == ("the token is over", "the token is over")
        desk.says_no = None
        machine.person.press()
        machine.person.reads(State.WAITING)


def test_a_code_that_ended_is_replaced_by_a_new_one_without_a_hand(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served, Machine(seeded(tmp_path / "d", hall, served.port)) as machine:
        machine.person.reads(State.WAITING)
        former = machine.person.page.code
        desk.forget()
        wait_until(lambda: machine.person.page.code not in ("", former), "another code")
        assert machine.person.page.code == desk.only.status.code


def test_a_place_that_is_taken_back_before_the_press_leads_back_to_the_code(
    tmp_path: Path, hall: Hall
) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served, Machine(seeded(tmp_path / "d", hall, served.port)) as machine:
        machine.person.reads(State.WAITING)
        desk.place("A-1")
        machine.person.reads(State.PLACED)
        desk.only.status = replace(desk.only.status, state="waiting", place="")
        machine.person.reads(State.WAITING)
        desk.place("A-2")
        machine.person.reads(State.PLACED)
        assert machine.person.called == 2
        assert desk.only.presses == 0


def test_while_the_fleet_is_silent_the_desks_sentence_stands_there(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall, fleet_answers=False)
    machine = Machine(seeded(tmp_path / "d", hall, None))
    machine.person.would_press = True
    with desk.serve() as served:
        machine.discovery.announce(DeskAddress("127.0.0.1", served.port))
        with machine:
            machine.person.reads(State.WAITING)
            desk.place("A-1")
            machine.person.reads(State.PRESSED)
            words = ("Máy chủ không trả lời.", "The server does not answer.")
            desk.only.status = replace(desk.only.status, vi=words[0], en=words[1])
            wait_until(lambda: machine.person.page.todo == words, "the desk's words")
            desk.fleet_answers = True
            wait_until(lambda: machine.is_device, "the end of the claim")
    assert desk.only.presses == 1


def test_a_press_before_the_place_is_tapped_means_nothing(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served, Machine(seeded(tmp_path / "d", hall, served.port)) as machine:
        machine.person.reads(State.WAITING)
        machine.person.press()
        polls = len(desk.heard)
        wait_until(lambda: len(desk.heard) > polls + 2, "more polls")
    assert "press" not in desk.heard


@pytest.mark.parametrize("name", ["identity.key", "root.crt"])
def test_a_file_that_is_damaged_is_named_on_the_display(tmp_path: Path, hall: Hall, name: str) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served:
        folder = seeded(tmp_path / "d", hall, served.port)
        (folder / name).write_bytes(b"rubbish")
        (folder / name).chmod(0o600)
        with Machine(folder) as machine:
            machine.person.reads(State.UNFIT)
            assert name in machine.person.page.detail
    assert desk.heard == []


def test_a_button_that_does_not_answer_is_said_on_the_display_before_the_process_ends(
    tmp_path: Path, hall: Hall
) -> None:
    class Numb(Person):
        def start(self, on_press: Callable[[], None]) -> None:
            raise DeviceError("the keys do not answer: check wiring and pins")

    person = Numb()
    claiming = Machine(seeded(tmp_path / "d", hall, free_port()), person=person).claiming()
    with pytest.raises(DeviceError):
        claiming.run()
    assert person.page.state is State.UNFIT
    assert "check wiring" in person.page.detail
    assert person.is_closed


def test_words_of_a_desk_cannot_steer_a_display(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served, Machine(seeded(tmp_path / "d", hall, served.port)) as machine:
        machine.person.reads(State.WAITING)
        desk.refuse("\x1b[2J Vi\u0323 tri\u0301\nA-12", "a\tb\u202ec")
        machine.person.reads(State.REFUSED)
        assert machine.person.page.title == ("[2J Vị trí A-12", "a b c")


def test_whoever_is_stopped_while_it_tells_the_desk_does_not_run_on(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall)
    folder = seeded(tmp_path / "d", hall, None)
    with desk.serve() as served:
        machine = Machine(folder, person=Person(would_press=True))
        machine.discovery.announce(DeskAddress("127.0.0.1", served.port))

        def heard(path: str) -> None:
            if path == HELLO_PATH:
                desk.place("A-1")
            if path == INSTALLED_PATH:
                machine._claiming.stop()

        desk.on_path = heard
        with machine:
            wait_until(lambda: machine._done, "the end of the process")
    assert machine._done == [False]
    assert is_device(folder)


def test_two_starts_at_once_claim_once(tmp_path: Path, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = seeded(tmp_path / "d", hall, free_port())
    take = ClaimFolder.take

    def take_after_the_other_ended(self: ClaimFolder) -> None:
        (folder / "device.toml").write_text("")
        take(self)

    monkeypatch.setattr(ClaimFolder, "take", take_after_the_other_ended)
    opened: list[Path] = []

    def open_presence(path: Path, seed: Seed, look: Look) -> Person:
        opened.append(path)
        return Person()

    assert claim(folder, Role("keypad", ("OK", "OK"), open_presence, lambda _: None))
    assert not opened


def test_check_says_of_a_claim_under_way_that_it_runs(tmp_path: Path, hall: Hall) -> None:
    folder = seeded(tmp_path / "d", hall, free_port())
    role = Role("keypad", ("OK", "OK"), lambda *_: Person(), lambda _: None)
    assert "start it" in how_far(folder, role)[-1]
    home = ClaimFolder(folder, read_seed(folder, "keypad"))
    home.take()
    assert how_far(folder, role)[-1] == "it is running: do what it shows"
    home.let_go()
    assert "start it" in how_far(folder, role)[-1]


def test_hands_that_look_before_the_claim_has_begun_see_its_first_page(tmp_path: Path, hall: Hall) -> None:
    folder = seeded(tmp_path / "d", hall, free_port())
    seen: list[State] = []

    def open_presence(path: Path, seed: Seed, look: Look) -> Person:
        seen.append(look().state)
        raise ConfigError(f"{path} is {seed.role}")

    with pytest.raises(ConfigError):
        claim(folder, Role("keypad", ("OK", "OK"), open_presence, lambda _: None))
    assert seen == [State.LOOKING]
