"""ONNX models: one file, or a folder with one file a candidate."""

import onnx

from stillroom.datasets.files import FileDataset
from stillroom.datasets.folder import FolderDataset


class OnnxDataset(FileDataset[onnx.ModelProto, onnx.ModelProto]):
    """One ONNX model in one file."""

    def read(self, path: str) -> onnx.ModelProto:
        return onnx.load_model_from_string(self._fs.cat_file(path))

    def write(self, path: str, data: onnx.ModelProto) -> None:
        self._fs.pipe_file(path, data.SerializeToString())


class OnnxFolderDataset(FolderDataset[str, onnx.ModelProto]):
    """Several ONNX models by name, one file each, in a folder that is replaced as a whole."""

    SUFFIX = ".onnx"

    def key(self, name: str) -> str:
        return name

    def decode(self, content: bytes) -> onnx.ModelProto:
        return onnx.load_model_from_string(content)

    def encode(self, item: onnx.ModelProto) -> bytes:
        return item.SerializeToString()
