"""What a network is asked for, and all that follows from it; one file a task."""

from secateur.tasks.classification import CLASSIFICATION, Classification
from secateur.tasks.generation import Generation
from secateur.tasks.regression import Regression
from secateur.tasks.task import Credit, Task

__all__ = ["CLASSIFICATION", "Classification", "Credit", "Generation", "Regression", "Task"]
