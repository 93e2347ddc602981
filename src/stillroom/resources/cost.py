"""What computing time costs: the one place where prices are declared."""

from pydantic import Field

from stillroom.table.spec import Declared

HOUR_S = 3600


class CostConfig(Declared):
    """Prices in ``currency``: of an hour of one core (``cpu_hour``) and of an hour of one GPU (``gpu_hour``)."""

    cpu_hour: float = Field(default=0.04, gt=0)
    gpu_hour: float = Field(default=2.0, gt=0)
    currency: str = "USD"

    def of(self, cpu_s: float, gpu_s: float = 0.0) -> float:
        """What so many seconds of one core and of one GPU cost."""
        return (cpu_s * self.cpu_hour + gpu_s * self.gpu_hour) / HOUR_S
