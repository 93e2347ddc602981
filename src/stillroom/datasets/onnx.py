"""ONNX models: a folder with one file a candidate."""

import onnx

from stillroom.datasets.folder import FolderDataset


class OnnxFolderDataset(FolderDataset[str, onnx.ModelProto]):
    """Several ONNX models by name, one file each, in a folder that is replaced as a whole."""

    SUFFIX = ".onnx"

    def key(self, name: str) -> str:
        return name

    def decode(self, content: bytes) -> onnx.ModelProto:
        return onnx.load_model_from_string(content)

    def encode(self, item: onnx.ModelProto) -> bytes:
        return item.SerializeToString()
