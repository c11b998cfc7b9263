from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.eyes.pipeline import Pipeline, View
from edge.rollcall_gate.frames import FaceBox, Frame, Landmarks
from models.errors import ModelsMissing
from models.evaluation.attacks import Presentation, evaluate_attacks, present, presentations_in
from models.evaluation.bootstrap import Estimate


def shown(folder: str, *scores: float | None) -> list[Presentation]:
    return [Presentation(folder, f"{i}.jpg", score) for i, score in enumerate(scores)]


def value(found: Estimate | None) -> float:
    assert found is not None
    return found.value


def test_rates_and_the_worst_species() -> None:
    live = shown("live", 0.9, 0.8, 0.7, 0.6, 0.4, None, 0.95, 0.85, 0.75, 0.5)
    prints = shown("print", 0.1, 0.2, 0.3, None)
    screens = shown("screen", 0.1, 0.65, 0.2, 0.5)
    found = evaluate_attacks([*live, *prints, *screens], 0.5)
    assert (found.live, found.live_no_response, found.resampled) == (10, 1, "photographs")
    assert value(found.bpcer) == pytest.approx(0.2)  # .4, and the one without a face; .5 itself passes
    print_, screen = found.species
    assert (print_.name, print_.presentations, print_.no_response) == ("print", 4, 1)
    assert (value(print_.apcer), value(screen.apcer)) == (0, 0.5)
    assert found.worst is screen
    assert value(screen.eer) == pytest.approx(
        (0.25 + 0.3) / 2
    )  # at .6: one in four passes, three in ten do not
    assert print_.bpcer20 is None  # four attacks cannot show one in twenty


def test_rates_where_the_other_is_five_percent() -> None:
    live = shown("live", *(0.5 + i / 100 for i in range(40)))
    attack = shown("print", *(0.1 + i / 100 for i in range(40)), *[0.535] * 2, *[None] * 2)
    (species,) = evaluate_attacks([*live, *attack], 0.5).species
    assert value(species.bpcer20) == pytest.approx(0)  # .535 twice is 4.5 % of 44; nothing else reaches .5
    assert value(species.apcer_at_bpcer5) == pytest.approx(2 / 44)  # .50 and .51 may be refused; .52 may not
    assert value(species.apcer) == pytest.approx(2 / 44)
    assert value(species.eer) == pytest.approx((2 / 44 + 2 / 40) / 2)  # at .52


def test_a_species_that_always_passes_is_the_worst_possible() -> None:
    found = evaluate_attacks([*shown("live", *[0.9] * 20), *shown("mask", *[1.0] * 20)], 0.5)
    assert (value(found.worst.apcer), value(found.worst.eer), value(found.worst.bpcer20)) == (1, 1, 1)


def test_nothing_seen_at_all_is_refused_and_no_crash() -> None:
    found = evaluate_attacks([*shown("live", *[None] * 20), *shown("mask", *[None] * 20)], 0.5)
    assert (value(found.bpcer), value(found.worst.apcer), found.worst.no_response) == (1, 0, 20)


def test_intervals_resample_clients_where_names_tell_them() -> None:
    def frames(folder: str, good: float) -> list[Presentation]:
        return [
            Presentation(folder, f"{client:04d}_{client:04d}_00_00_01_{n}.jpg", 0.9 if client < good else 0.1)
            for client in range(1, 11)
            for n in range(30)
        ]

    by_client = evaluate_attacks([*frames("live", 9), *frames("print", 2)], 0.5)
    assert (by_client.resampled, by_client.clients) == ("clients", 10)
    renamed = [
        Presentation(one.folder, f"x{i}.jpg", one.score)
        for i, one in enumerate([*frames("live", 9), *frames("print", 2)])
    ]
    alone = evaluate_attacks(renamed, 0.5)
    assert (alone.resampled, alone.clients) == ("photographs", 600)
    assert by_client.bpcer is not None
    assert alone.bpcer is not None
    assert by_client.bpcer.value == alone.bpcer.value == pytest.approx(0.2)
    assert by_client.bpcer.high - by_client.bpcer.low > 3 * (alone.bpcer.high - alone.bpcer.low)


def test_one_side_alone_is_refused() -> None:
    for only in (shown("live", 0.5), shown("print", 0.5)):
        with pytest.raises(ModelsMissing, match="at least one species"):
            evaluate_attacks(only, 0.5)


def picture(folder: Path, name: str, level: int = 200) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(folder / name), np.full((8, 8, 3), level, np.uint8))
    return folder / name


def test_folders_are_found_live_first(tmp_path: Path) -> None:
    for folder in ("print", "live", "a-screen"):
        picture(tmp_path / folder, "x.png")
    (tmp_path / "README.md").write_text("hello", "utf-8")
    (tmp_path / ".cache").mkdir()
    assert list(presentations_in(tmp_path)) == ["live", "a-screen", "print"]


def test_each_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing, match="none: cannot be read"):
        presentations_in(tmp_path / "none")
    with pytest.raises(ModelsMissing, match=r"live: no such folder"):
        presentations_in(tmp_path)
    picture(tmp_path / "live", "x.png")
    with pytest.raises(ModelsMissing, match=r"no folder beside live"):
        presentations_in(tmp_path)
    (tmp_path / "print").mkdir()
    with pytest.raises(CameraError, match=r"print: no photograph in it"):
        presentations_in(tmp_path)


class GlarePipeline(Pipeline):
    """Sees no face in the dark; how bona fide a view is, its brightness says, if there is a network."""

    def __init__(self, *, network: bool) -> None:
        self._network = network

    def view(self, frame: Frame) -> View | None:
        if frame.pixels.mean() < 10:
            return None
        box = FaceBox(0, 0, 8, 8, 1.0, np.zeros((6, 2), np.float32))
        return View(box, Landmarks(np.zeros((5, 2), np.float32), 1.0), None, ())

    def bona_fide(self, frame: Frame, view: View) -> float | None:
        return float(frame.pixels.mean()) / 250 if self._network else None


def test_a_presentation_is_scored_by_the_pipeline_and_none_without_a_face(tmp_path: Path) -> None:
    photographs = [picture(tmp_path / "live", "a.png", 200), picture(tmp_path / "print", "b.png", 0)]
    assert present(GlarePipeline(network=True), photographs) == [
        Presentation("live", "a.png", 0.8),
        Presentation("print", "b.png", None),
    ]


def test_a_pipeline_without_the_network_and_a_file_without_a_picture_are_sentences(tmp_path: Path) -> None:
    photograph = picture(tmp_path / "live", "a.png")
    with pytest.raises(ModelsMissing, match="no network for attacks"):
        present(GlarePipeline(network=False), [photograph])
    photograph.write_bytes(b"hello")
    with pytest.raises(CameraError, match=r"a\.png: not a JPEG or PNG"):
        present(GlarePipeline(network=True), [photograph])
