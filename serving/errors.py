"""Every error that serving raises on purpose.

    SecateurError
    ├── ServingError                       answered as {"error": message} with its status
    │   ├── BadRequestError          400   a body, tensor or form that cannot be used
    │   ├── UnauthorizedError        401   no API key, or one that is not known
    │   ├── ForbiddenError           403   an API key that does not open this model
    │   ├── UnknownModelError        404   a model or version that is not served
    │   ├── UnknownJobError          404   a job that the team does not have
    │   ├── LateBodyError            408   a body that did not arrive in time
    │   ├── ConflictError            409   a job name that is taken, or a job that goes on
    │   ├── ContentTooLargeError     413   a body, picture or batch beyond the limits
    │   ├── UnsupportedMediaError    415   a body of a type or encoding that is not taken
    │   ├── OverloadedError          429   more at a time than the limits allow
    │   │   └── QuotaError                 more jobs, or hours of them, than a team has
    │   ├── InferenceError           500   a model that failed on sound input
    │   └── UnavailableError         503   a model that is too slow, or not there yet
    ├── ServerStartError                   the server could not be started
    └── ClientError                        what a client of the server meets
        ├── UnreachableError               nothing answers at the address
        └── ServerResponseError            an answer that is an error, or no prediction

Messages are one line and safe to show to a stranger: no paths, no stack traces.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from secateur.errors import SecateurError

# A batch takes milliseconds: whoever was turned away need not wait long, in whole seconds.
RETRY_AFTER_S = 1


class ServingError(SecateurError):
    """Root of the errors that become an HTTP answer.

    Attributes:
        status: the HTTP status of the answer.
        headers: of the answer, beside those that every answer has.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    headers: Mapping[str, str] = {}


class BadRequestError(ServingError):
    """A body, tensor or form that cannot be used."""

    status = HTTPStatus.BAD_REQUEST


class UnauthorizedError(ServingError):
    """A request without API key, or with one that is not known."""

    status = HTTPStatus.UNAUTHORIZED
    headers = {"WWW-Authenticate": "Bearer"}


class ForbiddenError(ServingError):
    """An API key that does not open the model that was asked."""

    status = HTTPStatus.FORBIDDEN


class UnknownModelError(ServingError):
    """A model, or a version of one, that is not served."""

    status = HTTPStatus.NOT_FOUND


class UnknownJobError(ServingError):
    """A job that the team does not have."""

    status = HTTPStatus.NOT_FOUND


class ConflictError(ServingError):
    """A job name that is taken by another spec, or a job that goes on."""

    status = HTTPStatus.CONFLICT


class LateBodyError(ServingError):
    """A body that did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT


class ContentTooLargeError(ServingError):
    """A body of too many bytes, pictures of too many pixels, or too many images."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaError(ServingError):
    """A body of a type, picture format or encoding that is not taken."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class OverloadedError(ServingError):
    """More requests, or bytes of them, than a replica takes at a time."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    headers = {"Retry-After": str(RETRY_AFTER_S)}


class QuotaError(OverloadedError):
    """More jobs, or hours of them, than a team has.

    Args:
        message: what is spent, and when it renews.
        seconds: until it may have more.
    """

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.headers = {"Retry-After": str(seconds)}

    def __reduce__(self) -> tuple[type[QuotaError], tuple[str, int]]:
        """Rebuild from both parts: errors cross process borders by pickling."""
        return type(self), (str(self), self.seconds)


class InferenceError(ServingError):
    """A model that failed on input it should have taken."""


class UnavailableError(ServingError):
    """A model that did not answer in time, or a server without models."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"Retry-After": str(RETRY_AFTER_S)}


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
