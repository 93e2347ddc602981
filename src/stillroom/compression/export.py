"""Export a network to one ONNX file with its preprocessing inside: raw named columns in, predictions out."""

import onnx
import torch
from onnx import helper
from torch import Tensor, nn

from stillroom.compression.unexportable import culprit
from stillroom.models.network import example_inputs
from stillroom.table.encoding import Encoding
from stillroom.table.errors import InputError
from stillroom.table.kinds import KINDS
from stillroom.table.signature import METADATA_KEY, Signature
from stillroom.training.quiet import quiet

OUTPUT = "prediction"
BLOCK = "stillroom_"  # what the kinds' arrays are called before the raw columns take their place
EXAMPLE_ROWS = 3


def export(network: nn.Module, encoding: Encoding, signature: Signature) -> onnx.ModelProto:
    """Export a network as an ONNX model of core operators.

    Inputs: one a raw column, by its name, as its kind says (`graph_input`).
    Output `prediction`: [batch] or [batch, classes] float32. The signature travels in the metadata.

    Raises InputError where a column has the name of a value inside the graph, such as `prediction`, and where a layer
    cannot be exported, naming it.
    """
    model = _export_arrays(network.eval(), encoding)
    model = onnx.compose.add_prefix(model, "net/", rename_inputs=False, rename_outputs=False)
    _strip(model.graph)
    _read_raw_columns(model.graph, encoding)
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 4))
    keep_used_opsets(model)
    return with_signature(model, signature)


def keep_used_opsets(model: onnx.ModelProto) -> None:
    """Drop the operator sets that a model imports and does not use, which other runtimes may not know."""
    used = {node.domain for node in model.graph.node}
    kept = [opset for opset in model.opset_import if opset.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)


def with_signature(model: onnx.ModelProto, signature: Signature) -> onnx.ModelProto:
    """Write the signature into a model's metadata, replacing what was there."""
    del model.metadata_props[:]
    helper.set_model_props(model, {METADATA_KEY: signature.model_dump_json()})
    return model


def signature_of(model: onnx.ModelProto) -> Signature:
    """Read the signature from a model's metadata."""
    found = {p.key: p.value for p in model.metadata_props}
    return Signature.from_metadata(found[METADATA_KEY])


class _Positional(nn.Module):
    """A network that takes its arrays one by one, as the exporter hands them."""

    def __init__(self, network: nn.Module, kinds: list[str]):
        super().__init__()
        self.network, self.kinds = network, kinds

    def forward(self, *arrays: Tensor) -> Tensor:
        return self.network(dict(zip(self.kinds, arrays, strict=True)))


def _export_arrays(network: nn.Module, encoding: Encoding) -> onnx.ModelProto:
    """The network alone, over the arrays of `stillroom.table.encoding.encode`."""
    # Two rows or more, and the string "batch": with one row or a Dim object the batch size is frozen silently.
    arrays = example_inputs(encoding, EXAMPLE_ROWS)
    module = _Positional(network, list(arrays)).eval()
    try:
        with quiet():
            program = torch.onnx.export(
                module,
                tuple(arrays.values()),
                dynamo=True,
                input_names=[f"{BLOCK}{kind}" for kind in arrays],
                output_names=[OUTPUT],
                dynamic_shapes=(tuple({0: "batch"} for _ in arrays),),
                verbose=False,
                optimize=True,
            )
    except Exception as error:  # the exporter has many kinds of its own
        layer = culprit(network, (arrays,))
        reason = " ".join(str(error.__cause__ or error).split())[:200]
        raise InputError(
            f"{layer} cannot be exported to ONNX: write it without what is named here: {reason}"
        ) from error
    assert program is not None  # with dynamo=True it never is
    return program.model_proto


def _read_raw_columns(graph: onnx.GraphProto, encoding: Encoding) -> None:
    """Put one input a raw column in place of the kinds' arrays."""
    for kind, columns in reversed(encoding.blocks.items()):
        if any(f"{BLOCK}{kind}" in node.input for node in graph.node):
            for node in reversed(KINDS[kind].graph_block(columns, f"{BLOCK}{kind}")):
                graph.node.insert(0, node)
    del graph.input[:]
    graph.input.extend(c.graph_input() for c in encoding.columns)
    inside = {name for node in graph.node for name in node.output} | {tensor.name for tensor in graph.initializer}
    clashes = sorted(inside & {c.name for c in encoding.columns})
    if clashes:
        raise InputError(f"columns {', '.join(clashes)}: the graph has values of that name inside; rename the columns")


def _strip(graph: onnx.GraphProto) -> None:
    """Drop the exporter's debugging notes: stack traces and module paths, most of a small model's bytes."""
    for part in (*graph.node, *graph.value_info, *graph.initializer, *graph.input, *graph.output, graph):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    del graph.value_info[:]
