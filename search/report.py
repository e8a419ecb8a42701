"""Tables and text of a finished job, made from its records alone."""

from __future__ import annotations

from collections.abc import Sequence

from secateur.records import (
    EvaluatedModel,
    Evaluation,
    Figures,
    FinetuneResult,
    PruningResult,
    Publication,
    SearchResult,
)
from secateur.spaces import families

THOUSAND = 1000
HEADINGS = ("", "accuracy", "FLOPs", "parameters", "size", "latency")


def table(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """Rows of text: headings, the dense network, then one row a compressed one."""
    dense = evaluation.dense.figures
    rows: list[tuple[str, ...]] = [HEADINGS, ("dense", *_absolute(dense))]
    rows += [
        (_label(evaluation, model), *_relative(model.figures, dense))
        for model in evaluation.compressed
    ]
    return rows


def plain(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as aligned text."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def markdown(
    name: str,
    searched: SearchResult,
    pruned: Sequence[PruningResult],
    evaluation: Evaluation,
    pictures: Sequence[str],
) -> str:
    """A page about one job: what was tried, what won, what was cut, and pictures."""
    return (
        "\n\n".join(
            [
                f"# {name}",
                _story(searched, pruned),
                _markdown_table(table(evaluation)),
                "Measured on the test split through ONNX Runtime on one CPU thread; FLOPs and "
                "latency are for one image, size is that of the served file.",
                *(
                    f"![{path.rsplit('/', 1)[-1].removesuffix('.png')}]({path})"
                    for path in pictures
                ),
            ]
        )
        + "\n"
    )


def describe(searched: SearchResult) -> str:
    """The winner of a search in one phrase, without what it has in common with its family."""
    best = searched.best.architecture
    usual = families()[best.name]()
    told = {
        key: value for key, value in best.arguments.items() if value != getattr(usual, key, None)
    }
    shape = ", ".join(f"{key} {value}" for key, value in told.items())
    return f"{best.name} ({shape})" if shape else best.name


def skipped_line(skipped: Sequence[str]) -> str:
    """What was passed over in the data, in one line."""
    return (
        f"{'data':<9} images skipped that could not be read: {len(skipped)}, the first {skipped[0]}"
    )


def search_line(result: SearchResult) -> str:
    """The search in one line."""
    return (
        f"{len(result.trials)} trials, {result.count('stopped')} stopped early; "
        f"best {describe(result)}: {result.best.accuracy:.2%} on the validation split"
    )


def prune_line(results: Sequence[PruningResult]) -> str:
    """The agents' choices in one line."""
    cuts = ", ".join(
        f"FLOPs -{result.flops_cut:.1%} at {result.accuracy:.2%}" for result in results
    )
    return f"{results[0].agent}, {len(results[0].episodes)} episodes a target: {cuts}"


def finetune_line(results: Sequence[FinetuneResult]) -> str:
    """The recovered accuracies in one line."""
    return ", ".join(
        f"FLOPs -{result.target:.0%}: {result.accuracy:.2%} after {len(result.epochs)} epochs"
        for result in results
    )


def evaluate_line(evaluation: Evaluation) -> str:
    """The chosen model's test accuracy in one line."""
    champion = evaluation.champion
    return (
        f"dense {evaluation.dense.figures.accuracy:.2%}, chosen FLOPs -{champion.target:.0%}: "
        f"{champion.figures.accuracy:.2%} on the test split"
    )


def publish_line(publication: Publication) -> str:
    """The outcome of the gate in one line."""
    if publication.version is None:
        return f"{publication.name} is not published: {'; '.join(publication.failures)}"
    return f"{publication.name} version {publication.version} is champion"


def _story(searched: SearchResult, pruned: Sequence[PruningResult]) -> str:
    best = searched.best
    lines = [
        f"{len(searched.trials)} networks were tried, {searched.count('stopped')} of them stopped "
        f"early and {searched.count('failed')} failed.",
        f"The best is {describe(searched)}, trained with {best.recipe.optimizer} at a learning "
        f"rate of {best.recipe.learning_rate:.2g}: {best.accuracy:.2%} on the validation split.",
    ]
    lines += [
        f"For a target of {result.target:.0%} the {result.agent} agent cut "
        f"{result.flops_cut:.1%} of the FLOPs in {len(result.episodes)} episodes."
        for result in pruned
    ]
    return "\n".join(lines)


def _markdown_table(rows: Sequence[tuple[str, ...]]) -> str:
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    rule = "|---|" + "---:|" * (len(rows[0]) - 1)
    return "\n".join([head, rule, *body])


def _label(evaluation: Evaluation, model: EvaluatedModel) -> str:
    mark = " *" if model == evaluation.champion else ""
    return f"FLOPs -{model.target:.0%}{mark}"


def _absolute(figures: Figures) -> tuple[str, ...]:
    return (
        f"{figures.accuracy:.2%}",
        quantity(figures.flops),
        quantity(figures.parameters),
        bytes_of(figures.size_bytes),
        f"{figures.latency_ms:.3f} ms",
    )


def _relative(figures: Figures, dense: Figures) -> tuple[str, ...]:
    accuracy, *costs = _absolute(figures)
    ratios = (
        figures.flops / dense.flops,
        figures.parameters / dense.parameters,
        figures.size_bytes / dense.size_bytes,
        figures.latency_ms / dense.latency_ms,
    )
    points = 100 * (figures.accuracy - dense.accuracy)
    changes = [f"{cost} ({ratio - 1:+.0%})" for cost, ratio in zip(costs, ratios, strict=True)]
    return (f"{accuracy} ({points:+.2f})", *changes)


def bytes_of(size: int) -> str:
    """A size with three digits and its unit: 21504 becomes ``21.5 kB``."""
    number, _, prefix = quantity(size).partition(" ")
    return f"{number} {prefix}B"


def quantity(value: float) -> str:
    """A count with three digits and its prefix: 1059880 becomes ``1.06 M``."""
    prefixes = ["", "k", "M", "G", "T"]
    while len(prefixes) > 1 and float(f"{value:.3g}") >= THOUSAND:
        value /= THOUSAND
        prefixes.pop(0)
    return f"{value:.3g} {prefixes[0]}".rstrip()
