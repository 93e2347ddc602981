"""What a run uses and costs: time, CPU, GPU, memory, rows and bytes of each node, and the money they come to."""

from stillroom.resources.cost import CostConfig
from stillroom.resources.page import resources_page
from stillroom.resources.record import RunResources, reckon
from stillroom.resources.recorder import Moved, Recorder
from stillroom.resources.rows import rows
from stillroom.resources.text import resources_table

__all__ = ["CostConfig", "Moved", "Recorder", "RunResources", "reckon", "resources_page", "resources_table", "rows"]
