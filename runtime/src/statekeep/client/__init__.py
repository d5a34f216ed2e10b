"""A typed client of the HTTP API: `Client`, and `AsyncClient` with the same methods.

with Client("http://127.0.0.1:8000", api_key) as statekeep:
    actor = statekeep.spawn("loan-v1", {"amount": 50_000})
    print(statekeep.send(actor.id, "SUBMIT").state_value)
"""

from statekeep.client.aio import AsyncClient
from statekeep.client.errors import AnswerUnreadable, ClientError, NoServer, ProblemAnswer
from statekeep.client.sync import Client

__all__ = [
    "AnswerUnreadable",
    "AsyncClient",
    "Client",
    "ClientError",
    "NoServer",
    "ProblemAnswer",
]
