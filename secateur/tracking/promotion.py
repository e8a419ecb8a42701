"""Which version is champion: promotion through the gate, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from secateur import generator_gate, manifest
from secateur.errors import GateError, RegistryError, RegistryUnreachableError
from secateur.gate import Gate, failures
from secateur.generator_gate import GeneratorGate
from secateur.manifest import Manifest
from secateur.records import Figures, GeneratorFigures
from secateur.tracking.names import CHALLENGER, CHAMPION
from secateur.tracking.publication import GATE
from secateur.tracking.registry import Registry


@dataclass(frozen=True)
class Succession:
    """One champion after another.

    Attributes:
        name: of the registered model.
        version: that is champion now.
        before: the version that was; absent where there was none.
    """

    name: str
    version: str
    before: str | None


def promote(
    registry: Registry, name: str, version: str | None = None, *, force: bool = False
) -> Succession:
    """Make the challenger, or a version, champion.

    The version is downloaded, its digests are checked, and the figures in its manifest are
    held to the gate that its job set.  ``rollback`` undoes a promotion.

    Args:
        registry: knows the model.
        name: of the registered model.
        version: to promote; the challenger where absent.
        force: promote whatever the figures are.

    Raises:
        RegistryError: no such model, challenger or version, or it is champion already.
        ArtifactError: a file of the version is missing or altered.
        GateError: a figure misses its bound, or the version has no figures or no gate.
    """
    before = registry.aliases(name).get(CHAMPION)
    version = version or registry.resolve(name, CHALLENGER)
    if version == before:
        raise RegistryError(f"{name} version {version} is champion already; expected another one")
    misses = _misses(registry, name, version)
    if misses and not force:
        raise GateError(f"{name} version {version}: {'; '.join(misses)}; --force promotes it still")
    registry.assign(name, CHAMPION, version)
    if registry.aliases(name).get(CHALLENGER) == version:
        registry.release(name, CHALLENGER)
    return Succession(name, version, before)


def rollback(registry: Registry, name: str) -> Succession:
    """Make the version champion that was so before; several in a row go further back.

    Raises:
        RegistryError: no such model, no champion, or none before it that still exists.
    """
    before = registry.resolve(name, CHAMPION)
    former = registry.former_champions(name)
    # A promotion that was interrupted has remembered the champion, and left it champion.
    while former and (former[-1] == before or not _exists(registry, name, former[-1])):
        former.pop()
    if not former:
        raise RegistryError(
            f"{name} has had no champion before version {before}; "
            f"expected one, or secateur promote {name} --version V"
        )
    registry.restore(name, former)
    return Succession(name, former[-1], before)


def _misses(registry: Registry, name: str, version: str) -> tuple[str, ...]:
    tags = registry.tags(name, version)
    with TemporaryDirectory() as scratch:
        content = manifest.read(registry.download(name, version, Path(scratch, "model")))
    try:
        return _held_to(tags[GATE], content)
    except (KeyError, ValidationError):
        return (f"its tag '{GATE}' does not hold the gate of its job",)


def _held_to(bounds: str, content: Manifest) -> tuple[str, ...]:
    """The figures of a manifest held to the gate that is written in ``bounds``.

    Raises:
        ValidationError: it is no gate for this kind of model.
    """
    dense, model = content.dense_figures, content.figures
    if content.task == "generation":
        gate = GeneratorGate.model_validate_json(bounds)
        if isinstance(dense, GeneratorFigures) and isinstance(model, GeneratorFigures):
            return generator_gate.failures(gate, dense, model)
    else:
        ordinary = Gate.model_validate_json(bounds)
        if isinstance(dense, Figures) and isinstance(model, Figures):
            return failures(ordinary, dense, model)
    return ("its manifest holds no figures",)


def _exists(registry: Registry, name: str, version: str) -> bool:
    """Whether a version has not been deleted; raises where the registry does not answer."""
    try:
        registry.tags(name, version)
    except RegistryUnreachableError:
        raise
    except RegistryError:
        return False
    return True
