"""Tables and text of a finished job, made from its records alone."""

from __future__ import annotations

from collections.abc import Sequence

from search.history import History
from secateur.records import (
    Architecture,
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
COSTS = ("FLOPs", "parameters", "size", "latency")


def table(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """Rows of text: headings, the dense network, then one row a compressed one."""
    dense = evaluation.dense.figures
    rows: list[tuple[str, ...]] = [_headings(dense), ("dense", *_absolute(dense))]
    rows += [
        (_label(evaluation, model), *_relative(model.figures, dense))
        for model in evaluation.compressed
    ]
    if evaluation.int8 is not None:
        champion = evaluation.champion
        label = f"FLOPs -{champion.target:.0%}" if evaluation.compressed else "dense"
        rows.append((f"{label} int8", *_relative(evaluation.int8.figures, dense)))
    return rows


def int8_line(evaluation: Evaluation) -> str | None:
    """Why the int8 variant is not published, in one line; nothing where it is fit."""
    if evaluation.int8 is None or not evaluation.int8.failures:
        return None
    return f"int8 is left out of the publication: {'; '.join(evaluation.int8.failures)}"


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
                *_ahead(searched),
                _markdown_table(table(evaluation)),
                "Measured on the test split through ONNX Runtime on one CPU thread; FLOPs and "
                "latency are for one image, size is that of the served file.",
                *filter(None, [int8_line(evaluation)]),
                *(
                    f"![{path.rsplit('/', 1)[-1].removesuffix('.png')}]({path})"
                    for path in pictures
                ),
            ]
        )
        + "\n"
    )


def describe(network: Architecture) -> str:
    """A network in one phrase, without what it has in common with its family."""
    usual = families()[network.name]()
    told = {
        key: value for key, value in network.arguments.items() if value != getattr(usual, key, None)
    }
    shape = ", ".join(f"{key} {value}" for key, value in told.items())
    return f"{network.name} ({shape})" if shape else network.name


def skipped_line(skipped: Sequence[str]) -> str:
    """What was passed over in the data, in one line."""
    return (
        f"{'data':<9} images skipped that could not be read: {len(skipped)}, the first {skipped[0]}"
    )


def start_line(job: str, start: History) -> str:
    """What a search starts from, in one line."""
    told = "its accuracies are left out, they were reached otherwise"
    if start.known:
        told = f"its {len(start.known)} trials in this space are known"
    return f"{'search':<9} starts from {job}: tries its best {len(start.first)}; {told}"


def search_line(result: SearchResult) -> str:
    """The search in one line."""
    best = result.best
    return (
        f"{len(result.trials)} trials, {result.count('stopped')} stopped early; "
        f"best {describe(best.architecture)}: {best.accuracy:.2%} on the validation split"
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
    if evaluation.chosen is None:
        return f"dense {champion.figures.accuracy:.2%} on the test split"
    return (
        f"dense {evaluation.dense.figures.accuracy:.2%}, chosen FLOPs -{champion.target:.0%}: "
        f"{champion.figures.accuracy:.2%} on the test split"
    )


def publish_line(publication: Publication) -> str:
    """The outcome of the gate in one line."""
    if publication.version is None:
        return f"{publication.name} is not published: {'; '.join(publication.failures)}"
    return f"{publication.name} version {publication.version} is {publication.alias}"


def _story(searched: SearchResult, pruned: Sequence[PruningResult]) -> str:
    best = searched.best
    lines = [
        f"{len(searched.trials)} networks were tried, {searched.count('stopped')} of them stopped "
        f"early and {searched.count('failed')} failed.",
        f"The winner is {describe(best.architecture)}, trained with {best.recipe.optimizer} at a "
        f"learning rate of {best.recipe.learning_rate:.2g}: {best.accuracy:.2%} on the "
        "validation split.",
    ]
    lines += [
        f"For a target of {result.target:.0%} the {result.agent} agent cut "
        f"{result.flops_cut:.1%} of the FLOPs in {len(result.episodes)} episodes."
        for result in pruned
    ]
    return "\n".join(lines)


def _ahead(searched: SearchResult) -> list[str]:
    """The networks that no other beats in both accuracy and FLOPs, where there is a choice."""
    ahead = [searched.trials[number] for number in searched.front]
    if not ahead[1:]:
        return []
    rows = [("No other is as accurate at as few FLOPs", "accuracy", "FLOPs")]
    for trial in ahead:
        mark = " (winner)" if trial.number == searched.best.number else ""
        cells = (f"{trial.accuracy or 0.0:.2%}", quantity(trial.flops or 0))
        rows.append((f"{describe(trial.architecture)}{mark}", *cells))
    return [_markdown_table(rows)]


def _markdown_table(rows: Sequence[tuple[str, ...]]) -> str:
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    rule = "|---|" + "---:|" * (len(rows[0]) - 1)
    return "\n".join([head, rule, *body])


def _label(evaluation: Evaluation, model: EvaluatedModel) -> str:
    mark = " *" if model == evaluation.champion else ""
    return f"FLOPs -{model.target:.0%}{mark}"


def _headings(figures: Figures) -> tuple[str, ...]:
    """A regression's score is the share of the variance that is explained."""
    quality = ("accuracy",) if figures.mse is None else ("R²", "MSE", "MAE")
    return ("", *quality, *COSTS)


def _errors(figures: Figures) -> tuple[str, ...]:
    """Those of a regression."""
    return tuple(f"{error:.4g}" for error in (figures.mse, figures.mae) if error is not None)


def _absolute(figures: Figures) -> tuple[str, ...]:
    return (
        f"{figures.accuracy:.2%}",
        *_errors(figures),
        quantity(figures.flops),
        quantity(figures.parameters),
        bytes_of(figures.size_bytes),
        f"{figures.latency_ms:.3f} ms",
    )


def _relative(figures: Figures, dense: Figures) -> tuple[str, ...]:
    accuracy, *others = _absolute(figures)
    errors, costs = others[: -len(COSTS)], others[-len(COSTS) :]
    ratios = (
        figures.flops / dense.flops,
        figures.parameters / dense.parameters,
        figures.size_bytes / dense.size_bytes,
        figures.latency_ms / dense.latency_ms,
    )
    points = 100 * (figures.accuracy - dense.accuracy)
    changes = [f"{cost} ({ratio - 1:+.0%})" for cost, ratio in zip(costs, ratios, strict=True)]
    return (f"{accuracy} ({points:+.2f})", *errors, *changes)


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
