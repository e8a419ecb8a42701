"""What ``GET /v2/models/{name}`` says of a model."""

from __future__ import annotations

from datetime import UTC, datetime

from serving import protocol
from serving.catalogue import Catalogue, Model, Refresh


def metadata(catalogue: Catalogue, model: Model) -> protocol.ModelMetadata:
    """Inputs, outputs, figures and origin of a model of the catalogue."""
    network = model.network
    champion, challenger = catalogue.get(model.name), catalogue.challenger(model.name)
    loaded = [champion.version, *([challenger.version] if challenger else [])]
    return protocol.ModelMetadata(
        name=model.name,
        versions=tuple(dict.fromkeys(loaded)),
        inputs=(
            protocol.TensorMetadata(name=network.input_name, shape=(-1, *network.input_shape)),
        ),
        outputs=(
            protocol.TensorMetadata(name=network.output_name, shape=(-1, *network.output_shape)),
        ),
        parameters=_parameters(model, catalogue.refresh(model.name), model is champion),
    )


def _parameters(model: Model, refresh: Refresh | None, leads: bool) -> protocol.ModelParameters:
    network, content = model.network, model.network.manifest
    return protocol.ModelParameters(
        task=content.task,
        labels=content.labels,
        target=content.target,
        precision=network.precision,
        figures=network.figures,
        dense_figures=content.dense_figures,
        role="champion" if leads else "challenger",
        since=_moment(model.since),
        source=_source(refresh) if leads and refresh else None,
    )


def _source(refresh: Refresh) -> protocol.SourceState:
    reason = refresh.kept()
    return protocol.SourceState(
        state="kept" if reason else "current",
        reason=reason or None,
        checked=_moment(refresh.checked),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
