"""The services over the store in memory: what a client can rely on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from statekeep.core.findings import DefinitionError
from statekeep.core.refusals import Refused
from statekeep.service import Event, Filter, Services, StepAnswer, Wiring
from statekeep.service.errors import (
    ActorBlocked,
    Frozen,
    IdempotencyConflict,
    InvalidEventType,
    InvalidRequest,
    ServiceError,
    StaleRevision,
    TooLarge,
    UnknownActor,
    UnknownVersion,
    UnknownWorkflow,
)
from statekeep.storage.memory import MemoryStore
from support.asyncs import run
from support.loans import loan_v1, loan_v2, loan_v3

T = "lending"
Make = Callable[[], Services]


@pytest.fixture
def services() -> Services:
    return Services(Wiring(MemoryStore(shards=4)))


async def sent(services: Services, *events: str, version: str = "loan-v1") -> str:
    actor = (await services.actors.spawn(T, version)).actor
    for event in events:
        await services.actors.send(T, actor, Event(event))
    return actor


def refusal(wanted: type[Exception], doing: Awaitable[object]) -> Exception:
    async def caught() -> Exception:
        with pytest.raises(wanted) as raised:
            await doing
        return raised.value

    return run(caught())


def test_an_actor_is_moved_by_its_history_and_not_by_its_state(services: Services) -> None:
    async def scenario() -> tuple[str, str]:
        await services.deployments.deploy(T, loan_v1())
        paid = await sent(services, "SUBMIT_INFO", "PAY_FEE")
        waived = await sent(services, "SUBMIT_INFO", "WAIVE_FEE")
        done = await services.deployments.deploy(T, loan_v2())
        assert (done.migrated, done.stayed, done.stranded, done.clock) == (1, 1, 0, 2)
        return paid, waived

    paid, waived = run(scenario())
    moved, stayed = run(services.actors.get(T, paid)), run(services.actors.get(T, waived))
    assert (moved.version, moved.state_value) == ("loan-v2", "income_verify")
    assert (stayed.version, stayed.state_value) == ("loan-v1", "awaiting_docs")


def test_a_preview_is_what_the_deployment_then_does(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        paid = await sent(services, "SUBMIT_INFO", "PAY_FEE")
        preview = await services.deployments.preview(T, loan_v2())
        done = await services.deployments.deploy(T, loan_v2())
        assert preview.would_migrate == (paid,)
        assert preview.plan_hash == done.plan_hash
        assert preview.counts == {"wouldMigrate": 1, "wouldStay": 0, "wouldStrand": 0}

    run(scenario())


def test_a_preview_writes_nothing(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        before = await services.deployments.view(T, "loan")
        await services.deployments.preview(T, loan_v2())
        after = await services.deployments.view(T, "loan")
        assert (before.registry.clock, before.law) == (after.registry.clock, after.law)

    run(scenario())


def test_the_same_body_again_answers_as_before_and_ticks_nothing(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        await sent(services, "SUBMIT_INFO", "PAY_FEE")
        first = await services.deployments.deploy(T, loan_v2(maxStranded=3))
        again = await services.deployments.deploy(T, loan_v2())
        assert again.unchanged
        assert (again.migrated, again.clock, again.plan_hash) == (1, 2, first.plan_hash)
        preview = await services.deployments.preview(T, loan_v2())
        assert (preview.unchanged, preview.counts["wouldMigrate"]) == (True, 1)

    run(scenario())


def test_the_same_id_with_another_body_is_refused(services: Services) -> None:
    run(services.deployments.deploy(T, loan_v1()))
    run(services.deployments.deploy(T, loan_v2()))
    error = refusal(Refused, services.deployments.deploy(T, loan_v2(landing="Same")))
    assert isinstance(error, Refused)
    assert error.code == "DefinitionExists"


def test_an_event_over_a_change_point_says_so(services: Services) -> None:
    async def scenario() -> StepAnswer:
        await services.deployments.deploy(T, loan_v1())
        actor = await sent(services, "SUBMIT_INFO")
        await services.deployments.deploy(T, loan_v2())
        return await services.actors.send(T, actor, Event("PAY_FEE"))

    answer = run(scenario())
    assert (answer.version, answer.state_value, answer.accepted) == (
        "loan-v2",
        "income_verify",
        True,
    )
    assert [(hop.source, hop.target) for hop in answer.migrated] == [("loan-v1", "loan-v2")]


def test_an_event_that_is_not_accepted_changes_nothing(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        actor = await sent(services, "SUBMIT_INFO")
        answer = await services.actors.send(T, actor, Event("DOCS", {"x": 1}))
        view = await services.actors.get(T, actor)
        assert (answer.accepted, answer.revision) == (False, 1)
        assert (view.revision, view.context, view.state_value) == (1, {}, "fee")

    run(scenario())


def test_an_events_context_is_a_merge_patch(services: Services) -> None:
    async def scenario() -> object:
        await services.deployments.deploy(T, loan_v1())
        actor = (await services.actors.spawn(T, "loan-v1", {"a": {"b": 1, "c": 2}})).actor
        await services.actors.send(T, actor, Event("SUBMIT_INFO", {"a": {"b": None}, "d": [1]}))
        return (await services.actors.get(T, actor)).context

    assert run(scenario()) == {"a": {"c": 2}, "d": [1]}


def test_a_key_used_again_gives_the_same_answer_and_no_second_event(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        actor = await sent(services)
        first = await services.actors.send(T, actor, Event("SUBMIT_INFO"), key="k")
        again = await services.actors.send(T, actor, Event("SUBMIT_INFO"), key="k")
        assert (first.revision, again.revision, again.replayed) == (1, 1, True)
        assert again.accepted

    run(scenario())


def test_a_key_used_for_something_else_is_a_conflict(services: Services) -> None:
    run(services.deployments.deploy(T, loan_v1()))
    actor = run(sent(services))
    run(services.actors.send(T, actor, Event("SUBMIT_INFO"), key="k"))
    refusal(IdempotencyConflict, services.actors.send(T, actor, Event("PAY_FEE"), key="k"))


def test_a_spawn_key_spawns_once(services: Services) -> None:
    run(services.deployments.deploy(T, loan_v1()))
    first = run(services.actors.spawn(T, "loan-v1", {"n": 1}, key="order-1"))
    again = run(services.actors.spawn(T, "loan-v1", {"n": 1}, key="order-1"))
    assert (first.actor, again.replayed) == (again.actor, True)
    refusal(IdempotencyConflict, services.actors.spawn(T, "loan-v1", {"n": 2}, key="order-1"))


def test_a_stale_tag_is_refused_also_after_a_migration(services: Services) -> None:
    async def scenario() -> tuple[str, str]:
        await services.deployments.deploy(T, loan_v1())
        actor = await sent(services, "SUBMIT_INFO", "PAY_FEE")
        etag = (await services.actors.get(T, actor)).etag
        await services.deployments.deploy(T, loan_v2())
        return actor, etag

    actor, etag = run(scenario())
    refusal(StaleRevision, services.actors.send(T, actor, Event("VERIFIED"), if_match=etag))
    now = run(services.actors.get(T, actor)).etag
    assert run(services.actors.send(T, actor, Event("VERIFIED"), if_match=f'"{now}"')).accepted


def test_one_tenant_does_not_see_anothers(services: Services) -> None:
    run(services.deployments.deploy(T, loan_v1()))
    actor = run(sent(services))
    refusal(UnknownActor, services.actors.get("other", actor))
    refusal(UnknownVersion, services.actors.spawn("other", "loan-v1"))
    assert run(services.listing.groups("other", Filter())) == ()


def test_too_many_stranded_moves_nobody(services: Services) -> None:
    run(services.deployments.deploy(T, loan_v1()))
    actor = run(sent(services, "SUBMIT_INFO"))
    error = refusal(Refused, services.deployments.deploy(T, loan_v3(maxStranded=0)))
    assert isinstance(error, Refused)
    assert error.code == "TooManyStranded"
    assert run(services.actors.get(T, actor)).status == "active"
    assert run(services.deployments.view(T, "loan")).registry.clock == 1
    assert run(services.actors.send(T, actor, Event("PAY_FEE"))).accepted


def test_a_stranded_actor_that_blocks_takes_no_events(services: Services) -> None:
    run(services.deployments.deploy(T, loan_v1()))
    actor = run(sent(services, "SUBMIT_INFO"))
    run(services.deployments.deploy(T, loan_v3(whileStranded="Block")))
    error = refusal(ActorBlocked, services.actors.send(T, actor, Event("PAY_FEE")))
    assert isinstance(error, ServiceError)
    assert error.details["reason"] == "StateRemoved"


def test_a_queue_drains_in_order_after_a_rescue_by_hand(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        actor = await sent(services, "SUBMIT_INFO")
        await services.deployments.deploy(T, loan_v3(whileStranded="Buffer"))
        answers = [
            await services.actors.send(T, actor, Event(event, {event: True}), key=event)
            for event in ("PAY_FEE", "NONSENSE", "DOCS")
        ]
        assert [answer.queued for answer in answers] == [True, True, True]
        assert (await services.actors.get(T, actor)).queued == 3
        await services.rescues.rescue(
            T, actor, to="loan-v1", state_value="fee", reason="back on its feet", by="ann"
        )
        view = await services.actors.get(T, actor)
        assert (view.queued, view.status) == (0, "done")
        assert view.context == {"PAY_FEE": True, "DOCS": True}
        again = await services.actors.send(
            T, actor, Event("NONSENSE", {"NONSENSE": True}), key="NONSENSE"
        )
        assert (again.replayed, again.accepted) == (True, False)

    run(scenario())


def test_a_frozen_workflow_takes_events_and_lands_nobody_until_it_thaws(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        actor = await sent(services, "SUBMIT_INFO")
        await services.deployments.deploy(T, loan_v2())
        await services.workflows.freeze(T, "loan", "on fire")
        answer = await services.actors.send(T, actor, Event("PAY_FEE"))
        assert (answer.version, answer.state_value) == ("loan-v1", "awaiting_docs")
        with pytest.raises(Frozen):
            await services.deployments.deploy(T, loan_v3())
        await services.workflows.unfreeze(T, "loan")
        assert (await services.actors.get(T, actor)).version == "loan-v2"

    run(scenario())


def test_a_workflow_that_is_not_there_cannot_be_frozen(services: Services) -> None:
    refusal(UnknownWorkflow, services.workflows.freeze(T, "loan", "why not"))


def test_a_deployment_lists_who_moved_also_after_they_went_on(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        actors = sorted([await sent(services, "SUBMIT_INFO", "PAY_FEE") for _ in range(7)])
        stayed = await sent(services, "SUBMIT_INFO", "WAIVE_FEE")
        await services.deployments.deploy(T, loan_v2())
        for actor in actors[:3]:
            await services.actors.send(T, actor, Event("VERIFIED"))
        listed, cursor = list[str](), None
        while True:
            page = await services.deployments.actors(T, "loan-v2", "migrated", 2, cursor)
            assert len(page.actors) <= 2
            listed += page.actors
            cursor = page.next
            if cursor is None:
                break
        assert sorted(listed) == actors
        rest = await services.deployments.actors(T, "loan-v2", "stayed")
        assert rest.actors == (stayed,)

    run(scenario())


def test_groups_count_by_state_value(services: Services) -> None:
    async def scenario() -> None:
        await services.deployments.deploy(T, loan_v1())
        for _ in range(3):
            await sent(services, "SUBMIT_INFO")
        await sent(services)
        groups = await services.listing.groups(T, Filter(version="loan-v1"))
        assert [(g.state_value, g.count) for g in groups] == [("fee", 3), ("submitted", 1)]

    run(scenario())


@pytest.mark.parametrize("event_type", ["", "xstate.init", "xstate.done.state.a", "\ud800", "a\0b"])
def test_event_types_that_no_client_may_send(services: Services, event_type: str) -> None:
    run(services.deployments.deploy(T, loan_v1()))
    actor = run(sent(services))
    refusal(InvalidEventType, services.actors.send(T, actor, Event(event_type)))


def test_a_context_over_the_limit_is_refused(services: Services) -> None:
    run(services.deployments.deploy(T, loan_v1()))
    refusal(TooLarge, services.actors.spawn(T, "loan-v1", {"x": "y" * 70_000}))


BAD_BODIES: list[tuple[str, object]] = [
    ("no object", []),
    ("no id", {"definition": {"initial": "a", "states": {"a": {}}}}),
    ("an empty id", {"id": "", "definition": {}}),
    ("no machine", {"id": "x"}),
    ("two machines", {"id": "x", "definition": {}, "definitionJSON": "{}"}),
    ("an unknown field", {"id": "x", "definition": {}, "colour": 1}),
    ("rules without a parent", {"id": "x", "definition": {}, "historyPath": ["A"]}),
]


@pytest.mark.parametrize(("says", "body"), BAD_BODIES, ids=[says for says, _ in BAD_BODIES])
def test_bodies_that_cannot_be_read(services: Services, says: str, body: object) -> None:
    assert says
    refusal((InvalidRequest, DefinitionError), services.deployments.deploy(T, body))  # type: ignore[arg-type]
