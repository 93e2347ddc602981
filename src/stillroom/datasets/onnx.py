"""ONNX models: one file, or a folder with one file a candidate."""

from pathlib import Path

import onnx

from stillroom.datasets.files import FileDataset


class OnnxDataset(FileDataset[onnx.ModelProto, onnx.ModelProto]):
    """One ONNX model in one file."""

    def read(self, path: str) -> onnx.ModelProto:
        with self._fs.open(path, "rb") as file:
            return onnx.load_model_from_string(file.read())

    def write(self, path: str, data: onnx.ModelProto) -> None:
        with self._fs.open(path, "wb") as file:
            file.write(data.SerializeToString())


class OnnxFolderDataset(FileDataset[dict[str, onnx.ModelProto], dict[str, onnx.ModelProto]]):
    """Several ONNX models by name, one file each, in a folder that is replaced as a whole."""

    def read(self, path: str) -> dict[str, onnx.ModelProto]:
        models = {}
        for file in sorted(self._fs.glob(f"{path}/*.onnx")):
            with self._fs.open(file, "rb") as stream:
                models[Path(file).stem] = onnx.load_model_from_string(stream.read())
        return models

    def write(self, path: str, data: dict[str, onnx.ModelProto]) -> None:
        self._fs.makedirs(path, exist_ok=True)
        for name, model in data.items():
            with self._fs.open(f"{path}/{name}.onnx", "wb") as stream:
                stream.write(model.SerializeToString())
