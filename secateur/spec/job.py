"""The job of a classifier or a regression, from data to a published model."""

from __future__ import annotations

from pydantic import Field

from secateur.spec.common import CommonSpec
from secateur.spec.finetune import FinetuneSpec, RecoverySpec
from secateur.spec.prune import PruneSpec
from secateur.spec.publish import PublishSpec
from secateur.spec.search import SearchSpec


class JobSpec(CommonSpec):
    """One job, from data to a published model.

    Attributes:
        name: names the job's folder, its runs and, by default, its model.
        seed: of splits, samplers, weights and agents.
        prune: null leaves pruning out: the searched network itself is measured and published.
        finetune: counts where something is pruned.
        show: test images to classify over HTTP at the end; 0 starts no server.
    """

    search: SearchSpec = SearchSpec()
    prune: PruneSpec | None = PruneSpec()
    finetune: RecoverySpec | None = FinetuneSpec()
    publish: PublishSpec = PublishSpec()
    show: int = Field(default=0, ge=0, le=100)

    @property
    def model_name(self) -> str:
        """Name of the registered model."""
        return self.publish.name or self.name

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages, in order."""
        cut = ("prune", "finetune") if self.prune else ()
        return ("search", *cut, "evaluate", "publish")
