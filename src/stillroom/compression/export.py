"""Export a network to one ONNX file with its preprocessing inside: raw named columns in, predictions out."""

import onnx
import torch
from onnx import TensorProto, helper

from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding
from stillroom.table.signature import METADATA_KEY, Signature

OUTPUT = "prediction"
NUMERIC, CODES = "stillroom_numeric", "stillroom_codes"
EXAMPLE_ROWS = 3


def export(network: TableNetwork, encoding: Encoding, signature: Signature) -> onnx.ModelProto:
    """Export a network as an ONNX model of core operators.

    Inputs: one [batch, 1] a raw column, by its name: float32 with NaN = missing, or string with "" = missing.
    Output `prediction`: [batch] or [batch, classes] float32. The signature travels in the metadata.
    """
    model = _export_arrays(network.eval(), encoding)
    model = onnx.compose.add_prefix(model, "net/", rename_inputs=False, rename_outputs=False)
    _strip(model.graph)
    _read_raw_columns(model.graph, encoding)
    opsets = {o.domain: o.version for o in model.opset_import}
    if encoding.categorical:
        opsets["ai.onnx.ml"] = 4
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in opsets.items())
    return with_signature(model, signature)


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
    return program.model_proto


def _read_raw_columns(graph: onnx.GraphProto, encoding: Encoding) -> None:
    """Put one input a raw column in place of the two arrays."""
    nodes = []
    if encoding.numeric:
        nodes.append(helper.make_node("Concat", [c.name for c in encoding.numeric], [NUMERIC], name="gather_numbers", axis=1))
    if encoding.categorical:
        coded = [f"codes/{i}" for i in range(len(encoding.categorical))]
        nodes += [c.graph_encoder(code) for c, code in zip(encoding.categorical, coded, strict=True)]
        nodes.append(helper.make_node("Concat", coded, [CODES], name="gather_codes", axis=1))
    if not encoding.categorical:
        _drop_unused(graph, CODES)
    for node in reversed(nodes):
        graph.node.insert(0, node)
    del graph.input[:]
    graph.input.extend(c.graph_input() for c in encoding.columns)
    used = {name for node in graph.node for name in node.output}
    clashes = sorted(used & {c.name for c in encoding.columns})
    if clashes:
        raise ValueError(f"columns named like values inside the graph cannot be exported: {', '.join(clashes)}; rename them")


def _strip(graph: onnx.GraphProto) -> None:
    """Drop the exporter's debugging notes: stack traces and module paths, most of a small model's bytes."""
    for part in (*graph.node, *graph.value_info, *graph.initializer, *graph.input, *graph.output, graph):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    del graph.value_info[:]


def _drop_unused(graph: onnx.GraphProto, name: str) -> None:
    readers = [node for node in graph.node if name in node.input]
    if readers:
        graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [0, 0], []))
