"""Motor signals from physics: current and vibration of healthy and of damaged machines."""

from secateur.data.motors.machines import FAN, MACHINES, PUMP, Bearing, Machine
from secateur.data.motors.operation import STATES, Condition, Operation
from secateur.data.motors.simulator import CHANNELS, measured, simulate
from secateur.data.motors.source import simulated

__all__ = [
    "CHANNELS",
    "FAN",
    "MACHINES",
    "PUMP",
    "STATES",
    "Bearing",
    "Condition",
    "Machine",
    "Operation",
    "measured",
    "simulate",
    "simulated",
]
