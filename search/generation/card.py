"""What a published version of a generator says of itself."""

from __future__ import annotations

from search import model_card
from search.generation import story
from search.generation.records import GenerationRecords
from search.ledger import Ledger
from secateur import manifest
from secateur.data import Dataset
from secateur.records import GenerativeEvaluation
from secateur.tracking.card import Card
from serving.generator import Generator


def card(ledger: Ledger, data: Dataset, *, job: str, trained: str) -> Card:
    """The card of the generator that a job puts forward.

    Args:
        ledger: of the job, which has come to its evaluation.
        data: of the job.
        job: id of the job's run.
        trained: id of the run of the trial that trained the dense generator.
    """
    records = GenerationRecords.read(ledger)
    assert records.evaluation is not None
    figures = figures_of(records.evaluation)
    generator = Generator.load(ledger.folder / records.evaluation.champion.artifact)
    return Card(
        tags=model_card.lineage(records, data, trained) | model_card.written(figures),
        description=_description(records, data, generator.input_shape[0]),
        figures=figures,
        example=generator.noise(1, records.spec.seed),
        job=job,
    )


def figures_of(evaluation: GenerativeEvaluation) -> dict[str, float]:
    """The champion's figures in the vocabulary of the tracker, and those of the dense one."""
    return model_card.against(evaluation.champion.figures, evaluation.dense.figures)


def _description(records: GenerationRecords, data: Dataset, latent: int) -> str:
    shape = ", ".join(map(str, data.input_shape))
    return (
        f"{story.won(records)}\n\n"
        f"From the job `{records.spec.name}` on {data.name}, with a gate that wants "
        f"{story.bounds(records.spec.publish)}.\n\n"
        f"Takes `{manifest.NOISE_INPUT}`, float32 (n, {latent}), standard normal; makes "
        f"`{manifest.IMAGES_OUTPUT}`, float32 (n, {shape}), pixels in [0, 1]."
    )
