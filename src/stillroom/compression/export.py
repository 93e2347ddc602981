"""Export a network to one ONNX file with its preprocessing inside: raw named columns in, predictions out."""

import onnx
import torch
from onnx import TensorProto, helper

from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding
from stillroom.table.errors import InputError
from stillroom.table.signature import METADATA_KEY, Signature
from stillroom.training.quiet import quiet

OUTPUT = "prediction"
NUMERIC, CODES = "stillroom_numeric", "stillroom_codes"
EXAMPLE_ROWS = 3


def export(network: TableNetwork, encoding: Encoding, signature: Signature) -> onnx.ModelProto:
    """Export a network as an ONNX model of core operators.

    Inputs: one [batch, 1] a raw column, by its name: float32 with NaN = missing, or string with "" = missing.
    Output `prediction`: [batch] or [batch, classes] float32. The signature travels in the metadata.

    Raises ValueError where a column has the name of a value inside the graph, such as `prediction`.
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


def _export_arrays(network: TableNetwork, encoding: Encoding) -> onnx.ModelProto:
    """The network alone, over the arrays of `stillroom.table.encoding.encode`."""
    # Two rows or more, and the string "batch": with one row or a Dim object the batch size is frozen silently.
    numeric = torch.zeros(EXAMPLE_ROWS, len(encoding.numeric))
    codes = torch.zeros(EXAMPLE_ROWS, len(encoding.categorical), dtype=torch.int64)
    with quiet():
        program = torch.onnx.export(
            network,
            (numeric, codes),
            dynamo=True,
            input_names=[NUMERIC, CODES],
            output_names=[OUTPUT],
            dynamic_shapes=({0: "batch"}, {0: "batch"}),
            verbose=False,
            optimize=True,
        )
    assert program is not None  # with dynamo=True it never is
    return program.model_proto


def _read_raw_columns(graph: onnx.GraphProto, encoding: Encoding) -> None:
    """Put one input a raw column in place of the two arrays."""
    numbers = [c.name for c in encoding.numeric]
    coded = [f"codes/{i}" for i in range(len(encoding.categorical))]
    nodes = [c.graph_encoder(code) for c, code in zip(encoding.categorical, coded, strict=True)]
    if _is_read(graph, NUMERIC):
        nodes += _gather(numbers, NUMERIC) if numbers else _no_columns(graph, coded[0], NUMERIC, TensorProto.FLOAT)
    if _is_read(graph, CODES):
        nodes += _gather(coded, CODES) if coded else _no_columns(graph, numbers[0], CODES, TensorProto.INT64)
    for node in reversed(nodes):
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


def _gather(columns: list[str], target: str) -> list[onnx.NodeProto]:
    return [helper.make_node("Concat", columns, [target], name=f"{target}/gather", axis=1)]


def _no_columns(graph: onnx.GraphProto, source: str, target: str, kind: int) -> list[onnx.NodeProto]:
    """An array [batch, 0] for a network that reads the kind of column which the table has none of."""
    start, axis, nothing = (f"{target}/{part}" for part in ("start", "axis", "nothing"))
    graph.initializer.append(helper.make_tensor(start, TensorProto.INT64, [1], [0]))
    graph.initializer.append(helper.make_tensor(axis, TensorProto.INT64, [1], [1]))
    return [
        helper.make_node("Slice", [source, start, start, axis], [nothing], name=f"{target}/slice"),
        helper.make_node("Cast", [nothing], [target], name=f"{target}/cast", to=kind),
    ]


def _is_read(graph: onnx.GraphProto, name: str) -> bool:
    return any(name in node.input for node in graph.node)
