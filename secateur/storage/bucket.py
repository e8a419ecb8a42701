"""An S3-compatible bucket as a file system."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

_CONNECT_S, _REQUEST_S = 3, 20


class Bucket(S3FileSystem):
    """pyarrow's S3 with these differences:

    - endpoint, region and credentials are those of the process that it is in, so that no secret
      travels with what is pickled;
    - it keeps trying for as long as it was told, wherever it was pickled to.

    Args:
        attempts: of a request that gets no answer.
    """

    def __init__(self, attempts: int) -> None:
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        parts = urlsplit(endpoint or "")
        super().__init__(
            endpoint_override=parts.netloc or None,
            scheme=parts.scheme or None,
            region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
            connect_timeout=_CONNECT_S,
            request_timeout=_REQUEST_S,
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=attempts),
        )
        self.attempts = attempts

    def __reduce__(self) -> tuple[type[Bucket], tuple[int]]:
        """Connect anew."""
        return Bucket, (self.attempts,)
