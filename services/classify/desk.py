"""What every handler needs, as one dependency."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from examkit.web.app import loaded
from examkit.web.limits import InferenceSlots, slots_of
from examkit.web.wire import ModelInfo
from services.classify.engine import Classifier


@dataclass(frozen=True)
class Desk:
    """What every handler needs: the classifier, the slots its calls run in, and the request's correlation id."""

    classifier: Classifier
    slots: InferenceSlots
    correlation_id: str

    @property
    def model(self) -> ModelInfo:
        """Name the model that answers."""
        return ModelInfo(name=self.classifier.name, version=self.classifier.version)


def _desk(request: Request) -> Desk:
    return Desk(loaded(request), slots_of(request), request.state.correlation_id)


AtDesk = Annotated[Desk, Depends(_desk)]
