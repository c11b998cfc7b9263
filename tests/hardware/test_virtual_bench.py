"""The contract suites on simulated hardware, in a virtual machine; and what may go wrong before it boots."""

import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.virtual_bench import debian
from tests.virtual_bench.bench import CAMERA, GUEST, ON_PINS, Result, carry_out
from tests.virtual_bench.debian import PROGRAMS, ROOT, CannotRun, Parts
from tests.virtual_bench.image import first_process
from tests.virtual_bench.report import cases_in, table

ON_PINS_MIN = 8
"""Of the tests of each suite: those that go through the simulated header, and not past it."""


@pytest.fixture(scope="module")
def result() -> Result:
    """One machine for all of these; skipped, with the reason, where it cannot be had."""
    try:
        return carry_out()
    except CannotRun as err:
        pytest.skip(str(err))


def module_of(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_test_that_is_asked_for_passes_on_the_bench(result: Result) -> None:
    assert result.cases, result.run.console[-4000:]
    assert not [case for case in result.cases if case.outcome != "passed"], table(result.cases)
    assert len(result.cases) == result.asked
    assert result.run.status("tests") == 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("suite", ON_PINS)
def test_a_contract_suite_meets_the_kernels_pins_there(result: Result, suite: str) -> None:
    mine = [case for case in result.cases if case.module == module_of(suite)]
    on_pins = sum(case.claims > 0 for case in mine)
    assert on_pins >= min(ON_PINS_MIN, len(mine) // 3)
    assert on_pins >= 2


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("suite", [*GUEST, *CAMERA])
def test_camera_buses_and_watchdog_are_there_too(result: Result, suite: str) -> None:
    assert [case for case in result.cases if case.module == module_of(suite)]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_class_that_has_firmware_was_tried_wire_by_wire(result: Result) -> None:
    """With the very config that an installer is given, on the pins that it names."""
    passed = {case.name for case in result.cases if case.outcome == "passed" and case.claims}
    for name in ("gate", "keypad", "keypad-wide"):
        assert f"test_every_wire_does_what_it_is_wired_for[{name}]" in passed


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_service_that_hangs_is_ended_by_the_kernels_watchdog(result: Result) -> None:
    assert result.hung
    assert result.reset
    assert result.run.ended, "the machine was reset, which ends it: nobody had to"
    assert result.run.status("hang") is None


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Of a machine that could: a PC with Python 3.11 and Debian 12."""
    file = tmp_path / "os-release"
    file.write_text('ID=debian\nVERSION_ID="12"\n', "utf-8")
    monkeypatch.setattr(debian, "RELEASE", file)
    monkeypatch.setattr(debian.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(debian, "PYTHON", (3, 11))
    return file


@pytest.mark.usefixtures("release")
def test_what_is_missing_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(CannotRun, match=r"qemu-system-x86_64, .* missing: apt install .*qemu-system-x86"):
        debian.prepare()
    assert {package for _, package in debian.missing()} == set(PROGRAMS.values())


@pytest.mark.usefixtures("release")
def test_another_processor_and_another_python_are_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "PYTHON", (3, 13))
    with pytest.raises(CannotRun, match=r"Python 3\.11"):
        debian.prepare()
    monkeypatch.setattr(debian.platform, "machine", lambda: "aarch64")
    with pytest.raises(CannotRun, match="Linux on x86_64"):
        debian.prepare()


def test_another_system_than_debian_12_is_told_why(release: Path) -> None:
    release.write_text('ID=debian\nVERSION_ID="13"\n', "utf-8")
    with pytest.raises(CannotRun, match="Debian 12"):
        debian.prepare()


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(debian, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


def test_one_run_at_a_time_and_what_a_killed_one_left_is_thrown_away(cache: Path) -> None:
    for left in ("making-x/root", "image-y/tree", "0123/6.1/site"):
        (cache / left).mkdir(parents=True)
    with debian.alone():
        assert {path.name for path in cache.iterdir()} == {"0123", "lock"}
        with (cache / "lock").open("r+b") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (cache / "lock").open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.usefixtures("release")
def test_parts_of_another_recipe_are_not_used(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    made = cache / debian._recipe() / "6.1.0-1-amd64"
    made.mkdir(parents=True)
    (made / "complete").write_text("9p.ko \nvivid.ko n_devs=1\n", "ascii")
    monkeypatch.setattr(debian, "missing", list)
    parts = debian.prepare()
    assert (parts.version, parts.modules[1]) == ("6.1.0-1-amd64", (made / "vivid.ko", "n_devs=1"))
    monkeypatch.setattr(debian, "MODULES", {"softdog": ""})
    monkeypatch.setattr(debian, "FREE_BYTES_MIN", shutil.disk_usage(cache).total * 2)
    monkeypatch.setattr(debian, "_kernel_version", lambda: "6.1.0-2-amd64")
    with pytest.raises(CannotRun, match=r"cache has \d+ MiB free, and \d+ MiB are needed"):
        debian.prepare()


STARTER = """
import pathlib, sys
from tests.virtual_bench import machine
from tests.virtual_bench.debian import Parts
folder = pathlib.Path(sys.argv[1])
machine.CACHE, machine.LAST = folder, folder / "last"
machine.run(Parts(folder / "vmlinuz", (), folder, folder / "busybox"), {}, 600)
"""
"""In a process of its own, with programs that only seem to be busybox and QEMU."""


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """It runs a machine; and the file that the machine writes its process id to."""
    os.mkfifo(tmp_path / "pid")
    for name, does in (
        ("busybox", "cat >/dev/null"),
        ("qemu-system-x86_64", f"echo $$ >{tmp_path}/pid; exec sleep 600"),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n", "ascii")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    words = [sys.executable, "-c", STARTER, str(tmp_path)]
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "PATH": path})
    yield process, tmp_path / "pid"
    process.kill()
    process.wait()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is missing: apt install util-linux")
def test_whoever_started_the_machine_is_killed_and_the_machine_goes_with_it(
    starter: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, told = starter
    machine = os.pidfd_open(int(told.read_text("ascii")))
    try:
        process.send_signal(signal.SIGKILL)
        process.wait()
        readable, _, _ = select.select([machine], [], [], 60)
        assert readable, "the machine goes on, and nobody would end it"
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(machine, signal.SIGKILL)
        os.close(machine)


def test_the_first_process_loads_in_order_runs_and_powers_off() -> None:
    modules = ((Path("/a/mc.ko"), ""), (Path("/a/vivid.ko"), "n_devs=1"))
    parts = Parts(Path("/a/6.1/vmlinuz"), modules, Path("/a/site"), Path("/bin/busybox"))
    script = first_process(parts, {"tests": "-c 'print(1)'"})
    steps = ["insmod /modules/mc.ko", "insmod /modules/vivid.ko n_devs=1", "mount -t 9p -o ro,", "print(1)"]
    steps += ["tests.status", "poweroff -f"]
    places = [script.index(step) for step in steps]
    assert places == sorted(places)


def test_a_report_is_read_with_what_failed_and_how_many_pins_were_claimed(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(
        '<testsuites><testsuite><testcase classname="tests.contract.test_door" name="a" time="1.5">'
        '<properties><property name="claims" value="3"/></properties></testcase>'
        '<testcase classname="tests.contract.test_door" name="b" time="0.5">'
        '<failure message="bolt"/></testcase></testsuite></testsuites>',
        "utf-8",
    )
    good, bad = cases_in(file)
    assert (good.claims, good.outcome, good.seconds) == (3, "passed", 1.5)
    assert (bad.claims, bad.outcome, bad.words) == (0, "failure", "bolt")
    assert "failure: tests.contract.test_door::b: bolt" in table([good, bad])
    file.write_text("<testsuites>", "utf-8")
    with pytest.raises(ValueError, match=r"junit\.xml"):
        cases_in(file)
