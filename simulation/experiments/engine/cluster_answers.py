"""What a worker of a cluster answers: JSON text, which is data until it has been checked."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from simulation.experiments.engine.run_store import StoredRun
from simulation.experiments.engine.trials import Setting, Trial
from simulation.experiments.engine.worker_pool import FatalError

#: characters of an answer; one of 33 years has some 300,000
MOST_CHARACTERS = 8_000_000
#: characters of a worker's words that are shown
_MOST_SHOWN = 300


class Answer(BaseModel):
    """One of three: what a run gave, why it failed, or how the worker differs."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    run: StoredRun | None = None
    error: str | None = None
    unlike: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Answer:
        if len(self.model_fields_set) != 1 or None in (
            getattr(self, name) for name in self.model_fields_set
        ):
            raise ValueError("must hold exactly one of run, error, unlike")
        return self


def written(answer: Answer) -> str:
    """An answer as text, made on the worker."""
    text = json.dumps(answer.model_dump(exclude_unset=True), separators=(",", ":"))
    if len(text) > MOST_CHARACTERS:
        error = f"the result of the run is too large ({len(text):,} characters)"
        return written(Answer(error=error))
    return text


def read(text: object, trial: Trial, setting: Setting) -> Answer:
    """Check an answer.

    Args:
        text: What came.
        trial: What was asked.
        setting: Knows what its measures look like.

    Raises:
        FatalError: No worker of this version answers so.
    """
    try:
        if not isinstance(text, str):
            raise ValueError("not a text")
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"longer than {MOST_CHARACTERS:,} characters")
        answer = Answer.model_validate_json(text)
        run = answer.run
        if run is not None:
            if (run.case, run.seed) != trial.key or run.measures is None or run.error is not None:
                raise ValueError("of another run")
            setting.check(run.measures)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, found["loc"]))
        raise FatalError(f"a worker gave a wrong answer ({where}: {shown(found['msg'])})") from None
    except ValueError as error:
        raise FatalError(f"a worker gave a wrong answer ({shown(str(error))})") from None
    return answer


def shown(text: str) -> str:
    """A worker's words in one line that steers no terminal."""
    line = " ".join(text.split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}..."
