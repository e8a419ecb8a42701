"""The OpenAPI document, where FastAPI cannot know what a route takes and answers."""

from __future__ import annotations

from typing import Any, Final

from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from serving import images
from serving.errors import (
    BadRequestError,
    ContentTooLargeError,
    LateBodyError,
    OverloadedError,
    UnavailableError,
    UnknownModelError,
    UnsupportedMediaError,
)
from serving.generations import MEDIA_TYPES, SEED, TRIED, GenerateRequest, Images
from serving.layered import LayeredApp
from serving.protocol import BINARY, HEADER_LENGTH, InferRequest, InferResponse
from serving.refusals import documented

_SCHEMAS = "#/components/schemas/{model}"
_BYTES: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
_HEADER: Final[dict[str, Any]] = {
    "description": "Bytes of JSON at the beginning of the body, where binary data follows.",
    "schema": {"type": "integer", "minimum": 0},
}
_REFUSALS: Final = documented(
    BadRequestError,
    UnknownModelError,
    LateBodyError,
    ContentTooLargeError,
    UnsupportedMediaError,
    OverloadedError,
    UnavailableError,
)

# Arguments of the routes that take a body and answer with one of several types.
INFER: Final[dict[str, Any]] = {
    "response_class": Response,
    "responses": {
        200: {
            "description": "The outputs.",
            "headers": {HEADER_LENGTH: _HEADER},
            "content": {
                "application/json": {"schema": {"$ref": _SCHEMAS.format(model="InferResponse")}},
                BINARY: _BYTES,
            },
        },
        **_REFUSALS,
    },
    "openapi_extra": {
        "parameters": [{"name": HEADER_LENGTH, "in": "header", "required": False, **_HEADER}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": _SCHEMAS.format(model="InferRequest")}},
                BINARY: _BYTES,
            },
        },
    },
}

CLASSIFY: Final[dict[str, Any]] = {
    "responses": _REFUSALS,
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                **dict.fromkeys(images.MEDIA_TYPES, _BYTES),
                BINARY: _BYTES,
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "image": {
                                "type": "array",
                                "items": {"type": "string", "format": "binary"},
                                "minItems": 1,
                            }
                        },
                        "required": ["image"],
                    }
                },
            },
        }
    },
}


GENERATE: Final[dict[str, Any]] = {
    "response_class": Response,
    "responses": {
        200: {
            "description": "The images.",
            "headers": {
                SEED: {"description": "Of the noise.", "schema": {"type": "integer", "minimum": 0}},
                TRIED: {
                    "description": "Images that were made to find valid ones, where asked for.",
                    "schema": {"type": "integer", "minimum": 1},
                },
            },
            "content": {
                MEDIA_TYPES["png"]: _BYTES,
                MEDIA_TYPES["zip"]: _BYTES,
                MEDIA_TYPES["json"]: {"schema": {"$ref": _SCHEMAS.format(model="Images")}},
            },
        },
        **_REFUSALS,
    },
    "openapi_extra": {
        "requestBody": {
            "required": False,
            "content": {
                "application/json": {"schema": {"$ref": _SCHEMAS.format(model="GenerateRequest")}}
            },
        }
    },
}


class DocumentedApp(LayeredApp):
    """A FastAPI app whose document also says what the routes do by themselves."""

    def openapi(self) -> dict[str, Any]:
        """The document."""
        content = super().openapi()
        schemas = content["components"]["schemas"]
        _, messages = models_json_schema(
            [
                (InferRequest, "validation"),
                (InferResponse, "serialization"),
                (GenerateRequest, "validation"),
                (Images, "serialization"),
            ],
            ref_template=_SCHEMAS,
        )
        schemas.update(messages["$defs"])
        return content
