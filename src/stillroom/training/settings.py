"""What may be declared of training, and its defaults."""

import inspect
from typing import Any, Literal, Self

from hydra.utils import get_object, instantiate
from pydantic import BaseModel, ConfigDict, Field, model_validator

from stillroom.table.spec import Declared, Kind
from stillroom.training.trees import TreesConfig

HYDRA_KEYS = {"_args_", "_partial_", "_convert_", "_recursive_"}


class Target(BaseModel):
    """A class or function by its dotted path, with keyword arguments: Hydra's `_target_`.

    Unknown arguments fail when the configuration is read, not when the object is built.
    """

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    path: str = Field(alias="_target_")

    @model_validator(mode="after")
    def _arguments_exist(self) -> Self:
        if self.path == "???":
            raise ValueError("_target_ is not given: name a class by its dotted path, such as torch.nn.Linear")
        try:
            made = get_object(self.path)
        except Exception as error:
            raise ValueError(f"_target_ {self.path!r} cannot be imported: {' '.join(str(error).split())}") from error
        parameters = inspect.signature(made).parameters
        if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            return self
        unknown = sorted(set(self.model_extra or {}) - set(parameters) - HYDRA_KEYS)
        if unknown:
            raise ValueError(f"{self.path} takes no {', '.join(unknown)}; the choices are {', '.join(parameters)}")
        return self

    def build(self, *args: Any, **kwargs: Any) -> Any:
        """Build the object, the declared arguments beside the given ones."""
        return instantiate({"_target_": self.path, **(self.model_extra or {})}, *args, **kwargs, _convert_="all")

    def build_with(self, given: dict[str, Any]) -> Any:
        """Build the object, handing over what it names of the given arguments and is not declared."""
        declared, names = self.model_extra or {}, inspect.signature(get_object(self.path)).parameters
        # A partial, for Hydra would turn what it is handed into plain containers.
        make = self.build(_partial_=True)
        return make(**{name: value for name, value in given.items() if name in names and name not in declared})


class NetworkConfig(Declared):
    """A network: any `torch.nn.Module`, which `stillroom.models.network` says how to hand its inputs."""

    network: Target


class ModelConfig(Declared):
    """The teacher: one of these kinds.

    ``network`` is any `torch.nn.Module`; ``trees`` LightGBM; ``estimator`` any class with scikit-learn's fit and
    predict_proba (predict for a regression); ``onnx`` the path of a file that is trained already; ``ensemble`` the mean
    of several.
    """

    network: Target | None = None
    trees: TreesConfig | None = None
    estimator: Target | None = None
    onnx: str | None = None
    ensemble: list["ModelConfig"] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = self._declared()
        if len(kinds) != 1:
            choices = ", ".join(type(self).model_fields)
            raise ValueError(f"declare one of {choices}; found {' and '.join(kinds) or 'none of them'}")
        return self

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        return self._declared()[0]

    @property
    def files(self) -> list[str]:
        """The ONNX files in it, which are not trained here."""
        return ([self.onnx] if self.onnx else []) + [file for member in self.ensemble or [] for file in member.files]

    def _declared(self) -> list[str]:
        return [kind for kind in type(self).model_fields if getattr(self, kind) is not None]


class OptimizerConfig(Declared):
    """An optimiser and, if any, a learning-rate schedule.

    The schedule is stepped every batch; `total_steps`, where it takes that, is filled in.
    """

    optimizer: Target
    scheduler: Target | None = None


class TrainerConfig(Declared):
    """How training runs: devices, hosts, length, checkpoints.

    ``devices`` are those of each of the ``nodes`` (hosts); more than one device in all trains in one process each, by
    ``strategy``: ``ddp`` keeps the whole network on each, ``fsdp`` a share of its weights and of the optimiser's state.
    ``batch_size`` is per device; ``accumulate`` such batches make one step of the optimiser.
    ``rendezvous`` is an address `host:port` of the first host, at which the others find it; ``address`` is where they
    find this one (None: by its name). ``timeout`` is the seconds that hosts and ranks wait for one another;
    ``max_restarts`` is how often training goes on from the last checkpoint after a lost process or host.
    ``compile`` is torch.compile. ``sync_batch_norm`` takes batch statistics over all devices.
    ``shuffle_buffer``: so many training rows are held in memory and shuffled whole; a table of more is streamed, and
    shuffled within a buffer of that size in every process (None: all rows are held, however many).
    ``threads`` is per process (None: torch's own choice).
    ``augmentation`` names the transforms of each kind of column, in their order.
    ``resume`` continues an interrupted run of the same declaration from its last checkpoint.
    """

    accelerator: Literal["cpu", "gpu", "auto"] = "cpu"
    devices: int = Field(default=1, gt=0)
    nodes: int = Field(default=1, gt=0)
    rendezvous: str | None = Field(default=None, pattern=r"^\S+:\d+$")
    address: str | None = None
    timeout: float = Field(default=600, gt=0)
    max_restarts: int = Field(default=0, ge=0)
    strategy: Literal["ddp", "fsdp"] = "ddp"
    sync_batch_norm: bool = False
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    compile: bool = False
    max_epochs: int = Field(default=10, gt=0)
    patience: int = Field(default=2, gt=0)
    batch_size: int = Field(default=1024, gt=0)
    accumulate: int = Field(default=1, gt=0)
    shuffle_buffer: int | None = Field(default=262_144, gt=0)
    gradient_clip: float | None = Field(default=1.0, gt=0)
    threads: int | None = Field(default=None, gt=0)
    augmentation: dict[Kind, list[Target]] = Field(default_factory=dict)
    checkpoint_dir: str = "data/06_models/checkpoints"
    resume: bool = False
    progress: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.nodes > 1 and self.rendezvous is None:
            raise ValueError(f"{self.nodes} nodes need a rendezvous: host:port of the first of them")
        if self.strategy == "fsdp" and self.ranks == 1:
            raise ValueError("strategy fsdp shards over several ranks, and 1 device of 1 node is one")
        if self.sync_batch_norm and self.accelerator == "cpu":
            raise ValueError("sync_batch_norm is of GPUs alone (torch.nn.SyncBatchNorm); accelerator is cpu")
        if self.precision == "16-mixed" and (self.accelerator == "cpu" or self.strategy == "fsdp"):
            raise ValueError("precision 16-mixed is of GPUs with strategy ddp alone: choose bf16-mixed")
        return self

    @property
    def ranks(self) -> int:
        """How many processes train, over all hosts."""
        return self.devices * self.nodes

    def on_one_host(self) -> Self:
        """The same on this host alone: how all but the teacher are trained."""
        return self.model_copy(update={"nodes": 1})
