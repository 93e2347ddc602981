"""Every decoder of the service: a route, headers, and bodies that it answers."""

import io
import json
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NAME = "stillroom_t"
ROWS = [
    {"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"},
    {"distance": None, "hour": 9, "carrier": None, "origin": "7"},
]
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}
LISTS = [list(row.values()) for row in ROWS]
TABLE = pa.table(COLUMNS)
TABLES = [TABLE, TABLE.set_column(2, "carrier", TABLE["carrier"].dictionary_encode())]
CSV = b"distance,hour,carrier,origin\n2.5,7,UA,JFK\n,9,,7\n"
ARROW = "application/vnd.apache.arrow."


@dataclass(frozen=True)
class Target:
    """A decoder; for gRPC and Lambda the path says so."""

    name: str
    path: str
    seeds: list[bytes]
    headers: dict[str, str] = field(default_factory=dict)


def _json(*documents: object) -> list[bytes]:
    return [json.dumps(each).encode() for each in documents]


def _arrow(kind: str) -> list[bytes]:
    bodies = []
    for table in TABLES:
        for codec in (None, "lz4", "zstd"):
            sink = io.BytesIO()
            new = pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file
            with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
                writer.write_table(table, 1)
            bodies.append(sink.getvalue())
    return bodies


def _parquet() -> list[bytes]:
    bodies = []
    for table in TABLES:
        for codec in ("none", "snappy", "gzip", "zstd"):
            sink = io.BytesIO()
            pq.write_table(table, sink, compression=codec, row_group_size=1)
            bodies.append(sink.getvalue())
    return bodies


def _tensors(binary: bool) -> tuple[dict, bytes]:
    inputs, raw = [], b""
    for name, values in COLUMNS.items():
        text = name in ("carrier", "origin")
        tensor: dict = {"name": name, "datatype": "BYTES" if text else "FP32", "shape": [2, 1]}
        if binary:
            texts = [str(value or "").encode() for value in values]
            contents = (
                b"".join(len(each).to_bytes(4, "little") + each for each in texts)
                if text
                else np.array([value or 0 for value in values], "<f4").tobytes()
            )
            raw += contents
            tensor["parameters"] = {"binary_data_size": len(contents)}
        else:
            tensor["data"] = values
        inputs.append(tensor)
    return {"id": "1", "inputs": inputs, "outputs": [{"name": "prediction"}]}, raw


def _grpc() -> list[bytes]:
    from stillroom.serving.protocols.open_inference import grpc_predict_v2_pb2 as pb2

    request = pb2.ModelInferRequest(model_name=NAME)
    raw = pb2.ModelInferRequest(model_name=NAME)
    for name, values in COLUMNS.items():
        text = name in ("carrier", "origin")
        for each in (request, raw):
            tensor = each.inputs.add(name=name, datatype="BYTES" if text else "FP32", shape=[2, 1])
        contents = request.inputs[-1].contents
        if text:
            contents.bytes_contents.extend([str(value or "").encode() for value in values])
            raw.raw_input_contents.append(b"\x01\0\0\0x\x01\0\0\0y")
        else:
            contents.fp32_contents.extend([value or 0 for value in values])
            raw.raw_input_contents.append(np.ones(2, "<f4").tobytes())
        del tensor
    return [request.SerializeToString(), raw.SerializeToString()]


def targets() -> list[Target]:
    """All of them."""
    rows, columns = {"rows": ROWS}, {"columns": COLUMNS}
    instances = _json({"instances": ROWS}, {"instances": LISTS}, {"instances": [{"hour": [7]}]})
    document, raw = _tensors(binary=True)
    (head,) = _json(document)
    return [
        Target("JSON rows", "/predict", _json(rows, {"rows": ROWS * 5})),
        Target("JSON columns", "/predict", _json(columns)),
        Target("CSV", "/predict", [CSV], {"content-type": "text/csv"}),
        Target("Arrow stream", "/predict", _arrow("stream"), {"content-type": ARROW + "stream"}),
        Target("Arrow file", "/predict", _arrow("file"), {"content-type": ARROW + "file"}),
        Target("Parquet", "/predict", _parquet(), {"content-type": "application/vnd.apache.parquet"}),
        Target("Open Inference REST", f"/v2/models/{NAME}/infer", _json(_tensors(binary=False)[0])),
        Target(
            "Open Inference REST, binary",
            f"/v2/models/{NAME}/infer",
            [head + raw],
            {"inference-header-content-length": str(len(head))},
        ),
        Target("Open Inference gRPC", "grpc", _grpc()),
        Target("TensorFlow Serving", f"/v1/models/{NAME}:predict", [*instances, *_json({"inputs": COLUMNS})]),
        Target("SageMaker JSON", "/invocations", instances),
        Target("SageMaker CSV", "/invocations", [CSV, CSV[29:]], {"content-type": "text/csv"}),
        Target("Vertex AI", "/vertex", instances),
        Target("Lambda", "lambda", _json(rows, columns)),
    ]
