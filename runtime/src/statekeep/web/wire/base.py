"""What all wire models share: the two kinds of them, the bounds of names, problems, pages."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

MAX_ID = 253
MAX_PATH = 10_000

Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID)]
EventType = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Path = Annotated[str, StringConstraints(max_length=2_000)]
HistoryPath = Annotated[list[EventType], Field(max_length=MAX_PATH)]
Targets = Annotated[list[Path], Field(min_length=1, max_length=100)]
NullIsEmptyList = BeforeValidator(lambda value: [] if value is None else value)
NullIsEmptyObject = BeforeValidator(lambda value: {} if value is None else value)
Sha = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Percentage = Annotated[str, StringConstraints(pattern=r"^(100|[0-9]{1,2})(\.[0-9]{1,3})?%$")]
Limit = Annotated[int, Field(ge=0)] | Percentage
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
PageSize = Annotated[int, Field(ge=1, le=1_000)]
JsonObject = dict[str, Any]
StateValue = str | dict[str, Any]

Status = Literal["active", "done", "needs_rescue"]
Verdict = Literal["migrated", "stayed", "stranded"]
Landing = Literal["Replay", "Same", "MappingOnly"]
Evaluation = Literal["Continuous", "Once"]
WhileStranded = Literal["Continue", "Block", "Buffer"]
Guards = Literal["Ignore", "Deny"]
Journal = Literal["Types", "Full"]
KeyOrder = Literal["Written", "Lost"]
Role = Literal["read", "send", "deploy", "admin", "operator"]


class Sent(BaseModel):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
    )


class Answer(BaseModel):
    """An answer: members that this release does not know are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )


class ProblemError(Answer):
    """One of the things that are wrong, and where."""

    code: str
    message: str
    pointer: str = ""


class Problem(Answer):
    """RFC 9457, with the code that programs read and the way out that people read."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    way_out: str = ""
    errors: list[ProblemError] = Field(default_factory=list)
    instance: str | None = None


Item = TypeVar("Item")


class Page(Answer, Generic[Item]):
    """A page of a list; `next` is the cursor of the following page, null at the end."""

    items: list[Item]
    next: str | None = None
