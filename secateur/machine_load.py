"""The load of this machine under the names that MLflow has for it.

MLflow's own monitor writes straight to its server, which a job must not depend on.
"""

from __future__ import annotations

from pathlib import Path

import psutil

from secateur import gpus
from secateur.tracking.names import SYSTEM

_MEGA = 1e6
_MEBI = 2**20


class MachineLoad:
    """Reads the load; what the network carried is counted from here on.

    Args:
        folder: on the disk that is of interest.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._carried = psutil.net_io_counters()
        psutil.cpu_percent()  # the first call has nothing to compare with

    def read(self) -> dict[str, float]:
        """Metrics by name: CPU since the last reading, memory, disk, network, GPUs."""
        memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(self._folder))
        load = {
            "cpu_utilization_percentage": psutil.cpu_percent(),
            "system_memory_usage_megabytes": memory.used / _MEGA,
            "system_memory_usage_percentage": 100 * memory.used / memory.total,
            "disk_usage_percentage": disk.percent,
            "disk_usage_megabytes": disk.used / _MEGA,
            "disk_available_megabytes": disk.free / _MEGA,
            **self._network(),
        }
        if gpus.names():
            load |= _gpus(gpus.loads())
        return {f"{SYSTEM}{name}": round(value, 1) for name, value in load.items()}

    def _network(self) -> dict[str, float]:
        now = psutil.net_io_counters()
        if now is None or self._carried is None:  # a machine without interfaces
            return {}
        return {
            "network_receive_megabytes": (now.bytes_recv - self._carried.bytes_recv) / _MEGA,
            "network_transmit_megabytes": (now.bytes_sent - self._carried.bytes_sent) / _MEGA,
        }


def _gpus(loads: tuple[gpus.GpuLoad, ...]) -> dict[str, float]:
    found: dict[str, float | None] = {}
    for place, gpu in enumerate(loads):
        used, total = gpu.memory_used, gpu.memory_total
        found |= {
            f"gpu_{place}_utilization_percentage": gpu.utilization,
            f"gpu_{place}_memory_usage_megabytes": used and used * _MEBI / _MEGA,
            f"gpu_{place}_memory_usage_percentage": used and total and 100 * used / total,
            f"gpu_{place}_power_usage_watts": gpu.power,
        }
    return {name: value for name, value in found.items() if value is not None}
