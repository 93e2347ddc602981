"""FSDP: each rank holds a share of the weights, the gradients and the optimiser's state."""

from torch import nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

from stillroom.models.network import TableNetwork

CONTAINERS = (nn.ModuleList, nn.ModuleDict)


def shard(network: TableNetwork, mesh: DeviceMesh) -> None:
    """Shard a network in place over a mesh [ranks]: the blocks of its lists one by one, then what remains as one.

    A block's weights are gathered when it runs and freed after. Lists of blocks are what large networks are made of.
    """
    containers = [module for module in network.modules() if isinstance(module, CONTAINERS)]
    for block in (block for container in reversed(containers) for block in container.children()):
        if any(True for _ in block.parameters()) and not isinstance(block, CONTAINERS):
            fully_shard(block, mesh=mesh)
    fully_shard(network, mesh=mesh)
    register_fsdp_forward_method(network, "scores")
