"""Every error that serving raises on purpose.

    SecateurError
    ├── ServingError                       answered as {"error": message} with its status
    │   ├── BadRequestError          400   a body, tensor or form that cannot be used
    │   ├── UnknownModelError        404   a model or version that is not served
    │   ├── ContentTooLargeError     413   a body or picture beyond the limits
    │   ├── UnsupportedMediaError    415   a body that is not a picture, or encoded
    │   └── InferenceError           500   a model that failed on sound input
    ├── ServerStartError                   the server could not be started
    └── ClientError                        what a client of the server meets
        ├── UnreachableError               nothing answers at the address
        └── ServerResponseError            an answer that is an error, or no prediction

Messages are one line and safe to show to a stranger: no paths, no stack traces.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

from secateur.errors import SecateurError


class ServingError(SecateurError):
    """Root of the errors that become an HTTP answer.

    Attributes:
        status: the HTTP status of the answer.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR


class BadRequestError(ServingError):
    """A body, tensor or form that cannot be used."""

    status = HTTPStatus.BAD_REQUEST


class UnknownModelError(ServingError):
    """A model, or a version of one, that is not served."""

    status = HTTPStatus.NOT_FOUND


class ContentTooLargeError(ServingError):
    """A body of too many bytes or a picture of too many pixels."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaError(ServingError):
    """A body that is not a picture of an accepted format, or that is encoded."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class InferenceError(ServingError):
    """A model that failed on input it should have taken."""


class ServerStartError(SecateurError):
    """The server could not be started."""


class ClientError(SecateurError):
    """Root of what a client of the server meets."""


class UnreachableError(ClientError):
    """Nothing answers at the address."""


class ServerResponseError(ClientError):
    """The server answered with an error, or with something that is no prediction.

    Attributes:
        status: HTTP status of the answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type[ServerResponseError], tuple[str, int]]:
        """Rebuild from both parts: errors cross process borders by pickling."""
        return type(self), (str(self), self.status)
