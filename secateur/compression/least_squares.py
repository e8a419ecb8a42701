"""Least squares reconstruction: weights solved for so that cut layers answer as before.

He, Zhang & Sun 2017, "Channel pruning for accelerating very deep neural networks",
equation (1) with the channels already chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from secateur.compression.execution import Execution
from secateur.compression.plan import Kept, SurgeryPlan
from secateur.compression.rebuild import detached
from secateur.compression.recovery import gathering_statistics

SAMPLES = 5120
"""Feature map positions that a layer is fitted on; the paper takes 10 an image of 500."""
RIDGE = 1e-4
"""Pull towards the weights as cut, as a share of the inputs' mean square."""

_Solve = Callable[[str, nn.Module, tuple[Tensor, ...]], None]


class _Target(NamedTuple):
    """What a dense layer answered: positions in its map, and rows (samples, channels)."""

    positions: Tensor
    rows: Tensor


class LeastSquares:
    """Solves each layer of a cut network for the dense network's answers.

    Layer by layer, in one forward pass over all images, weights become those that with
    the inputs that the layer now gets answer most nearly what the dense layer answered, in
    the channels that were kept: the minimum of ``|Y - X W|² + r |W - W0|²`` over W, with
    the bias free where there is one.  Errors of the layers before are so made good for
    too.  Batch norm statistics are taken anew in the same pass.  Grouped, dilated and
    unusually padded convolutions keep their weights, and so do layers that run more than
    once, and those that read the images themselves, which have no error to make good for.

    Args:
        network: dense and trained, left untouched.
        plan: of its surgery.
        images: normalised training images, on the network's device.
        ridge: r over the mean square of the inputs X, above 0.
    """

    def __init__(
        self, network: nn.Module, plan: SurgeryPlan, images: Tensor, ridge: float = RIDGE
    ) -> None:
        assert ridge > 0, ridge
        self._network, self._plan, self._images, self._ridge = network, plan, images, ridge

    def __call__(self, pruned: nn.Module, kept: Kept, _execution: Execution) -> None:
        """As ``Correction``, in float32 whatever the execution: bfloat16 has too few digits."""
        outputs = {
            name: torch.from_numpy(indices).to(self._images.device)
            for (name, side), indices in self._plan.selections(kept).items()
            if side == "out"
        }
        solve = partial(self._solve, outputs)
        with torch.no_grad(), gathering_statistics(pruned), _before_each(pruned, solve):
            pruned(self._images)

    def _solve(
        self, outputs: dict[str, Tensor], name: str, layer: nn.Module, given: tuple[Tensor, ...]
    ) -> None:
        target = self._targets.get(name)
        if target is None:
            return
        rows = target.rows[:, outputs[name]] if name in outputs else target.rows
        inputs = samples(layer, given[0], target.positions)
        weight, bias = factors(layer), layer._parameters["bias"]
        before = weight.flatten(1).T
        if bias is None:
            weight.copy_(fit(inputs, rows, before, self._ridge).T.reshape(weight.shape))
            return
        middle, level = inputs.mean(0), rows.mean(0)
        after = fit(inputs - middle, rows - level, before, self._ridge)
        weight.copy_(after.T.reshape(weight.shape))
        bias.copy_(level - middle @ after)

    @cached_property
    def _targets(self) -> dict[str, _Target]:
        """The dense network's answers; made where they are first needed, not pickled about."""
        network, targets = detached(self._network).eval(), dict[str, _Target]()

        runs = Counter[str]()

        def record(name: str, layer: nn.Module, given: Any, output: Tensor) -> None:
            runs[name] += 1
            if given[0].data_ptr() != self._images.data_ptr():
                targets[name] = _target(layer, output, seed=len(targets))

        for name, layer in _solvable(network):
            layer.register_forward_hook(partial(record, name))
        with torch.no_grad():
            network(self._images)
        return {name: target for name, target in targets.items() if runs[name] == 1}

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key != "_targets"}


def fit(inputs: Tensor, outputs: Tensor, before: Tensor, ridge: float) -> Tensor:
    """The weights W of least ``|Y - X W|² + r |W - W0|²``, where r is relative.

    Args:
        inputs: X, shape (samples, features).
        outputs: Y, shape (samples, channels).
        before: W0, shape (features, channels).
        ridge: r as a share of the mean square of X's columns, above 0.

    Returns:
        W, shape (features, channels).
    """
    samples, features = inputs.shape
    # A column that is always zero must not leave the system singular.
    pull = ridge * inputs.square().sum() / features + torch.finfo(inputs.dtype).tiny
    error = outputs - inputs @ before
    # (XᵀX + r)⁻¹ Xᵀ = Xᵀ (XXᵀ + r)⁻¹: the smaller system of the two; a dense layer behind a
    # feature map has far more inputs than samples.
    if samples < features:
        return before + inputs.T @ _solved(inputs @ inputs.T / pull, error) / pull
    return before + _solved(inputs.T @ inputs / pull, inputs.T @ error / pull)


def _solved(gram: Tensor, wanted: Tensor) -> Tensor:
    """The solution of (gram + 1) A = wanted; takes ``gram`` over."""
    gram.diagonal().add_(1)
    solution: Tensor = torch.linalg.solve(gram, wanted)
    return solution


def samples(layer: nn.Module, given: Tensor, positions: Tensor) -> Tensor:
    """What a layer multiplies its ``factors`` with, (images * positions, features).

    Args:
        layer: a dense layer, a plain convolution or a plain transposed one.
        given: its input.
        positions: of its output map, row by row; ignored for a dense layer.
    """
    if isinstance(layer, nn.Linear):
        return given.flatten(0, -2)
    assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
    rows, columns = layer.kernel_size
    if isinstance(layer, nn.ConvTranspose2d):
        patches = _spread(layer, given).unfold(2, rows, 1).unfold(3, columns, 1)
    else:
        patches = _padded(layer, given).unfold(2, rows, layer.stride[0])
        patches = patches.unfold(3, columns, layer.stride[1])
    width = patches.shape[3]
    chosen = patches[:, :, positions // width, positions % width]  # images, channels, positions
    if isinstance(layer, nn.ConvTranspose2d):
        chosen = chosen.flip(-2, -1)
    return chosen.transpose(1, 2).flatten(0, 1).flatten(1)


def factors(layer: nn.Module) -> Tensor:
    """The weight of a layer as (outputs, inputs, *kernel); shares its memory."""
    weight = layer.get_parameter("weight")
    return weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else weight


def _padded(layer: nn.Conv2d, given: Tensor) -> Tensor:
    assert not isinstance(layer.padding, str)
    vertical, horizontal = layer.padding
    return F.pad(given, (horizontal, horizontal, vertical, vertical))


def _spread(layer: nn.ConvTranspose2d, given: Tensor) -> Tensor:
    """Inputs with zeros between and around them.

    Over these a transposed convolution is a plain one of stride 1, its kernel turned by half.
    """
    assert not isinstance(layer.padding, str)
    (down, right), (_, _, height, width) = layer.stride, given.shape
    spread = given.new_zeros(*given.shape[:2], (height - 1) * down + 1, (width - 1) * right + 1)
    spread[:, :, ::down, ::right] = given
    above, before = (
        kernel - 1 - padding
        for kernel, padding in zip(layer.kernel_size, layer.padding, strict=True)
    )
    below, after = layer.output_padding
    return F.pad(spread, (before, before + after, above, above + below))


def _solvable(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    for name, module in network.named_modules():
        plain = isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and (
            module.groups == 1
            and module.dilation == (1, 1)
            and module.padding_mode == "zeros"
            and not isinstance(module.padding, str)
        )
        if plain or isinstance(module, nn.Linear):
            yield name, module


@contextmanager
def _before_each(network: nn.Module, solve: _Solve) -> Iterator[None]:
    handles = [
        layer.register_forward_pre_hook(partial(solve, name)) for name, layer in _solvable(network)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _target(layer: nn.Module, output: Tensor, seed: int) -> _Target:
    """Answers at random places, the same for all images, that make ``SAMPLES`` in all."""
    if isinstance(layer, nn.Linear):
        # A copy, as the places of a map are: an activation may work in place.
        return _Target(torch.empty(0), output.flatten(0, -2).clone())
    order = torch.randperm(output[0, 0].numel(), generator=torch.Generator().manual_seed(seed))
    positions = order[: max(1, SAMPLES // len(output))].to(output.device)
    return _Target(positions, output.flatten(2)[:, :, positions].transpose(1, 2).flatten(0, 1))
