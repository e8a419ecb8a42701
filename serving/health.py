"""Whether the models of one server process still answer."""

from __future__ import annotations

import asyncio

from serving.catalogue import Catalogue
from serving.errors import InferenceError


class Health:
    """What the last probe of every model said; they are sound until one says otherwise.

    Args:
        catalogue: the models, each of which was tried when it was opened.

    Attributes:
        complaint: of the last probe; empty where every model answered.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.complaint = ""

    async def check(self) -> None:
        """Run every model once, beside the event loop.

        Raises:
            InferenceError: a model failed.
        """
        try:
            for model in self._catalogue:
                await asyncio.to_thread(model.network.run, model.network.probe())
        except InferenceError as error:
            self.complaint = str(error)
            raise
        self.complaint = ""
