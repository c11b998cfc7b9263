"""Bias correction of an int8 network: the float network's mean, channel by channel (ADR-0009).

After Nagel et al., Data-free quantization through weight equalization and bias correction (2019),
arXiv:1906.04721, with pictures.
"""

from collections.abc import Collection, Sequence

import numpy as np

from edge.rollcall_gate.frames import (
    Pixels,
)
from edge.rollcall_gate.ports import NetworkForm
from models.calibrate import (
    Ranges,
)
from models.graph.tflite_model import TfliteModel
from models.networks import Network
from models.quantise import quantise

Points = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def layers_with_bias(graph: bytes, codes: Collection[int]) -> list[str]:
    """Output names, in order, of the operators of these kinds that have a bias; not the slopes of a PReLU."""
    model = TfliteModel.of_bytes(graph)
    return [
        model.name(int(operator.outputs[0]))
        for operator in model.operators
        if model.code(operator) in codes
        and len(operator.inputs) == 3
        and not model.name(int(operator.inputs[1])).endswith("/factor")
    ]


def channel_means(
    content: bytes, form: NetworkForm, pictures: Sequence[Pixels], wanted: Collection[str]
) -> dict[str, Points]:
    """Tensor name -> float64 (channels,), the mean over pictures and places; float and int8 alike."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: PLC0415  # as calibrate does

    interpreter = Interpreter(
        model_content=content,
        num_threads=1,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    looked_at = [details for details in interpreter.get_tensor_details() if details["name"] in wanted]
    sums = {details["name"]: np.zeros(details["shape"][-1]) for details in looked_at}
    for picture in pictures:
        tensor = picture.astype(np.float32)[None] * np.float32(form.scale) + np.float32(form.shift)
        if given["dtype"] == np.int8:
            scale, zero = given["quantization"]
            tensor = np.clip(np.round(tensor / scale) + zero, -128, 127).astype(np.int8)
        interpreter.set_tensor(given["index"], tensor)
        interpreter.invoke()
        for details in looked_at:
            values = interpreter.get_tensor(details["index"]).astype(np.float64)
            if details["dtype"] == np.int8:
                scale, zero = details["quantization"]
                values = (values - zero) * scale
            sums[details["name"]] += values.reshape(-1, values.shape[-1]).mean(axis=0)
    return {name: total / len(pictures) for name, total in sums.items()}


def with_bias_moved(graph: bytes, layer: str, by: Points) -> bytes:
    """The float network with `by` (channels,) added to the bias of the operator that makes `layer`."""
    model = TfliteModel.of_bytes(graph)
    operator = next(o for o in model.operators if model.name(int(o.outputs[0])) == layer)
    bias = model.constant(int(operator.inputs[2]))
    if bias is None:
        raise ValueError(f"the bias of {layer} is computed")
    model.set_constant(int(operator.inputs[2]), (bias + by).astype(np.float32))
    return model.finish(model.inputs, model.outputs)


def bias_corrected(
    graph: bytes, network: Network, ranges: Ranges, pictures: Sequence[Pixels], layers: Sequence[str]
) -> bytes:
    """The int8 network, each of these layers with the float network's mean output per channel.

    One after another in order: a layer's error is its own and what the layers before it left.
    """
    aimed_at = channel_means(graph, network.form, pictures, layers)
    for layer in layers:
        int8 = quantise(graph, ranges, network.input_range)
        found = channel_means(int8, network.form, pictures, [layer])
        graph = with_bias_moved(graph, layer, aimed_at[layer] - found[layer])
    return quantise(graph, ranges, network.input_range)
