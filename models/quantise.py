"""Float network + committed ranges -> static int8: weights per channel, int8 in and out (ADR-0008)."""

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping

import numpy as np

from models.calibrate import Range
from models.errors import ModelsUntrusted
from models.graph.tflite_model import TfliteModel

Statistics = dict[str, dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]]


def quantise(network: bytes, ranges: Mapping[str, Range], input_range: Range) -> bytes:
    """The int8 file's bytes; the same on every machine. Raises ModelsUntrusted when a range is missing."""
    from ai_edge_quantizer import quantizer, recipe

    model = TfliteModel.of_bytes(network)
    if model.is_of_old_writer:  # the quantiser would take every operator for an addition
        raise ModelsUntrusted("operator codes are in the deprecated field only; rewrite() sets both")
    statistics = _statistics(model, {**ranges, model.name(model.inputs[0]): input_range})
    with _hushed():
        worker = quantizer.Quantizer(bytearray(network), recipe.static_wi8_ai8())
        made = worker.quantize(statistics).quantized_model
    if made is None or len(made) > 0.6 * len(network):
        raise ModelsUntrusted("the quantiser left the network as it was")
    return bytes(made)


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """The quantiser draws its own bars, and warns of a channel whose weights are all zero."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _statistics(model: TfliteModel, ranges: Mapping[str, Range]) -> Statistics:
    found: Statistics = {}
    # The quantiser takes a constant's range from the constant, channel by channel.
    for tensor in model.computed():
        name = model.name(tensor)
        if name not in ranges:
            raise ModelsUntrusted(
                f"no range is committed for the tensor {name!r}; run `hallward models calibrate`"
            )
        low, high = ranges[name]
        shape = (1,) * len(model.shape(tensor))
        found[name] = {"min": np.full(shape, low, np.float32), "max": np.full(shape, high, np.float32)}
    return found
