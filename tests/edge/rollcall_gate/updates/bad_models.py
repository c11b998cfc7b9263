"""Bad models, made of the real networks: each is a real TFLite file that loads and runs. What is wrong is
what somebody could get wrong, and golden.json is made of the very files, as whoever made the mistake would
have it.

Each function fills `folder` (new, or empty) and returns it: networks, SHA256SUMS, golden.json, ready for
`release bundle models`.
"""

import copy
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edge.rollcall_gate.eyes.vision import SUMS
from edge.rollcall_gate.trial.golden import GOLDEN_FILE
from models.bundle_of import bundle_of
from models.graph.tflite_model import Array, Op, Options, TfliteModel
from models.places import package_folder
from tests.models.gate_models import ready_cache

USELESS_LAYERS = 2_000
"""Each hands on what it gets; together they take several times as long as the detector."""
ORDER = [1, 0, 2]
"""Of the attack detector's classes, as if they had been trained in another one: the first is a person."""
Change = Callable[[bytes], bytes]


def good(folder: Path) -> Path:
    """The networks in use: other bytes (written anew), the same numbers."""
    return _made(folder, {"detector": _written_anew, "pad": _written_anew})


def other_embedder(folder: Path) -> Path:
    """Another embedder by its hash, and as good: the references of the old one are withheld."""
    return _made(folder, {"embedder": _written_anew})


def slower(folder: Path, layers: int = USELESS_LAYERS) -> Path:
    """Computes the same, and takes its time: useless layers in the network that runs on every frame."""
    return _made(folder, {"detector": lambda content: _with_useless_layers(content, layers)})


def disagreeing(folder: Path) -> Path:
    """The attack detector takes people for prints and prints for people: its classes in another order. As
    fast, of the same form, consistent with its own golden outputs."""
    return _made(folder, {"pad": _classes_in_another_order})


def blind(folder: Path) -> Path:
    """The detector sees nobody: its threshold has slipped into the network."""
    return _made(folder, {"detector": _seeing_nobody})


def another_embedder_of_noise(folder: Path) -> Path:
    """An embedder whose last layer was never trained: it tells nobody from anybody else."""
    return _made(folder, {"embedder": _untrained})


def everybody_is_one(folder: Path) -> Path:
    """An embedder that gives the same answer for every face: each person would pass for each other."""
    return _made(folder, {"embedder": _constant})


def wrong_shape(folder: Path) -> Path:
    """The attack detector in the embedder's place."""
    good(folder)
    shutil.copyfile(folder / "pad.tflite", folder / "embedder.tflite")
    return _summed(folder)


def wrong_golden(folder: Path) -> Path:
    """The golden outputs are those of other networks."""
    disagreeing(folder)
    with tempfile.TemporaryDirectory() as other:
        shutil.copyfile(good(Path(other) / "other") / GOLDEN_FILE, folder / GOLDEN_FILE)
    return folder


def damaged(folder: Path) -> Path:
    """The second half of the landmark network is missing; the sums are those of what is there."""
    good(folder)
    file = folder / "landmarks.tflite"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return _summed(folder)


# -- how ---------------------------------------------------------------------------------------------------


def _made(folder: Path, changes: Mapping[str, Change]) -> Path:
    with tempfile.TemporaryDirectory() as scratch:
        changed = Path(scratch)
        for file in package_folder(ready_cache()).glob("*.tflite"):
            content = file.read_bytes()
            change = changes.get(file.stem)
            (changed / file.name).write_bytes(content if change is None else change(content))
        bundle_of(changed, folder, ("litert",))
    return folder


def _summed(folder: Path) -> Path:
    sums = [
        f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in sorted(folder.glob("*.tflite"))
    ]
    (folder / SUMS).write_text("".join(sums), "ascii")
    return folder


def _opened(content: bytes) -> TfliteModel:
    """With the weights that the quantiser keeps behind the flatbuffer brought into it."""
    model = TfliteModel.of_bytes(content)
    for buffer in model._model.buffers:
        if buffer.offset > 1:
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    return model


def _written_anew(content: bytes) -> bytes:
    model = _opened(content)
    model.rename(model.operators[0].outputs[0], "written anew")
    return model.finish(model.inputs, model.outputs)


def _with_useless_layers(content: bytes, count: int) -> bytes:
    """The greater of a tensor and itself, again and again."""
    model = _opened(content)
    first = model.operators[0]
    whole = int(first.outputs[0])
    made = _like(model, whole, "made")
    first.outputs = [made]
    layers = []
    for place in range(count):
        after = whole if place == count - 1 else _like(model, whole, f"useless {place}")
        options = schema.MaximumMinimumOptionsT()
        layers.append(model.operator(Op.MAXIMUM, [made, made], after, options, Options.MaximumMinimumOptions))
        made = after
    model.operators = [first, *layers, *model.operators[1:]]
    return model.finish(model.inputs, model.outputs)


def _like(model: TfliteModel, tensor: int, name: str) -> int:
    """A computed tensor of the same shape, type and quantisation."""
    index = model.add_tensor(name, model.shape(tensor))
    tensors = model._graph.tensors
    tensors[index].type, tensors[index].quantization = tensors[tensor].type, tensors[tensor].quantization
    return index


def _classes_in_another_order(content: bytes) -> bytes:
    model = _opened(content)
    last = model.producer(model.outputs[0])
    assert last is not None
    for tensor in (int(last.inputs[1]), int(last.inputs[2])):
        values = model.constant(tensor)
        assert values is not None
        model.set_constant(tensor, values[ORDER])
        _reorder_scales(model._graph.tensors[tensor])
    return model.finish(model.inputs, model.outputs)


def _reorder_scales(tensor: Any) -> None:
    scales = tensor.quantization
    if scales is not None and scales.scale is not None and len(scales.scale) == len(ORDER):
        tensor.quantization = copy.copy(scales)
        tensor.quantization.scale = np.asarray(scales.scale)[ORDER]


def _seeing_nobody(content: bytes) -> bytes:
    """The score's bias as low as it goes."""
    model = _opened(content)
    (scores,) = (i for i in model.outputs if model.shape(i)[-1] == 1)
    reshape = model.producer(scores)
    assert reshape is not None
    convolution = model.producer(int(reshape.inputs[0]))
    assert convolution is not None
    bias = int(convolution.inputs[2])
    values = model.constant(bias)
    assert values is not None
    model.set_constant(bias, np.full_like(values, -(2**24)))
    return model.finish(model.inputs, model.outputs)


def _untrained(content: bytes) -> bytes:
    mixed = np.random.default_rng(1)
    return _last_weights(content, lambda old: mixed.permutation(old.reshape(-1)).reshape(old.shape))


def _constant(content: bytes) -> bytes:
    """No weight but the bias is left."""
    return _last_weights(content, np.zeros_like)


def _last_weights(content: bytes, change: Callable[[Array], Array]) -> bytes:
    model = _opened(content)
    last = next(o for o in reversed(model.operators) if model.code(o) == Op.FULLY_CONNECTED)
    weights = int(last.inputs[1])
    values = model.constant(weights)
    assert values is not None
    model.set_constant(weights, change(values))
    return model.finish(model.inputs, model.outputs)
