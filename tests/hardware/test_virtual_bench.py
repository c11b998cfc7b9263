"""The contract suites on simulated hardware, in a virtual machine; and what may go wrong before it boots."""

import shutil
from pathlib import Path

import pytest

from tests.virtual_bench import debian
from tests.virtual_bench.bench import CAMERA, GUEST, ON_PINS, Result, carry_out, collected
from tests.virtual_bench.debian import PROGRAMS, CannotRun, Parts
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
@pytest.mark.timeout(600)
def test_every_test_that_is_asked_for_passes_on_the_bench(result: Result) -> None:
    assert result.cases, result.run.console[-4000:]
    assert not [case for case in result.cases if case.outcome != "passed"], table(result.cases)
    assert len(result.cases) == collected()
    assert result.run.status("tests") == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("suite", ON_PINS)
def test_a_contract_suite_meets_the_kernels_pins_there(result: Result, suite: str) -> None:
    mine = [case for case in result.cases if case.module == module_of(suite)]
    on_pins = sum(case.claims > 0 for case in mine)
    assert on_pins >= min(ON_PINS_MIN, len(mine) // 3)
    assert on_pins >= 2


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("suite", [*GUEST, *CAMERA])
def test_camera_buses_and_watchdog_are_there_too(result: Result, suite: str) -> None:
    assert [case for case in result.cases if case.module == module_of(suite)]


@pytest.mark.slow
@pytest.mark.timeout(600)
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
