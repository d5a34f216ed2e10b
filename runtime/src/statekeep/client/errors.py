"""What a call can end in, apart from an answer.

Rule: every message says what was tried and what to do; no message holds the API key.
"""

from __future__ import annotations

from statekeep.web.wire import Problem


class ClientError(Exception):
    """A call that has no answer."""


class ProblemAnswer(ClientError):
    """The server refused; `code` is for programs, the message for people."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(_sentence(problem))
        self.problem = problem

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def status(self) -> int:
        return self.problem.status


class NoServer(ClientError):
    """No answer came, after all retries. With an idempotency key it is safe to ask again."""

    def __init__(self, url: str, tries: int, cause: str) -> None:
        times = "once" if tries == 1 else f"{tries} times"
        super().__init__(f"{url} does not answer (tried {times}): {cause}")
        self.url = url
        self.tries = tries


class AnswerUnreadable(ClientError):
    """Something answered that is no StateKeep server, or one much newer than this client."""

    def __init__(self, url: str, status: int, cause: str) -> None:
        super().__init__(f"{url} answered {status} with something unreadable: {cause}")
        self.url = url
        self.status = status


def _sentence(problem: Problem) -> str:
    detail = problem.detail or problem.title
    lines = [f"{problem.code}: {detail}"]
    lines += [f"  {error.pointer or '/'}: {error.message}" for error in problem.errors]
    return "\n".join([*lines, problem.way_out] if problem.way_out else lines)
