"""Scenarios on the pure core alone, one cohort an actor: no store, no fences, no memos.

It is fast, and it says whether a difference is the law's or the service's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from statekeep.core.by_hand import rescue
from statekeep.core.cohort import Cohort, state_value
from statekeep.core.compile import compile_machine
from statekeep.core.decisions import Decision
from statekeep.core.errors import CoreError
from statekeep.core.evaluate import Evaluation, advance, evaluate, spawn
from statekeep.core.findings import DefinitionError
from statekeep.core.gate import Gate, check_gate, tally
from statekeep.core.machine import Machine
from statekeep.core.plan import Plan, plan
from statekeep.core.points import Deployment, Migration, PointRegistration, state_mapping
from statekeep.core.registration import (
    Registration,
    Unchanged,
    register_definition,
    register_point,
)
from statekeep.core.registry import Registry, close_point
from support.model.bodies import canonical, lacks_parent

Body = dict[str, Any]
AUDITED = ("changePoint", "clock", "verdict", "from", "to", "reason", "rescued")
VERDICTS = ("migrated", "stayed", "stranded")


class Stopped(Exception):
    """A step that the surface of the product refuses before the core is asked."""


def run(scenario: Body) -> Body:
    """The same shape as the model's `run`."""
    play = CorePlay()
    steps = [play.play(step) for step in scenario["steps"]]
    return {"name": scenario["name"], "steps": steps, "actors": play.report()}


class CorePlay:
    def __init__(self) -> None:
        self.registries: dict[str, Registry] = {}
        self.home: dict[str, str] = {}
        self.frozen: set[str] = set()
        self.actors: dict[str, Cohort] = {}
        self.decisions: dict[str, list[Decision]] = {}
        self.queues: dict[str, list[str]] = {}
        self.answers: dict[tuple[str, str], tuple[dict[str, list[str]], int]] = {}

    def play(self, step: Body) -> Body:
        action = next(key for key in step if key in ACTIONS)
        try:
            return ACTIONS[action](self, step[action])
        except (CoreError, Stopped) as error:
            code = error.code if isinstance(error, CoreError) else error.args[0]
            return {"error": {"code": code}}

    def deploy(self, body: Body) -> Body:
        return self._counts(self._register(*self._definition(body), body, applied=True))

    def preview(self, body: Body) -> Body:
        asked = self._definition(body) if "id" in body else self._point(body)
        verdicts, _ = self._register(*asked, body, applied=False)
        return {f"would{_WOULD[verdict]}": sorted(verdicts[verdict]) for verdict in VERDICTS}

    def change_point(self, body: Body) -> Body:
        return self._counts(self._register(*self._point(body), body, applied=True))

    def _point(self, body: Body) -> tuple[str, tuple[str, str], Registration | Unchanged]:
        workflow = self.home.get(body["to"]) or self.home.get(body.get("from", ""))
        if workflow is None:
            raise Stopped("UnknownVersion")
        asked = PointRegistration(
            name=body["name"],
            target=body["to"],
            source=body.get("from"),
            refines=body.get("refines"),
            body_digest=canonical(body),
            **_rules(body),
        )
        registry, elsewhere = self._registry(workflow), self._elsewhere(workflow)
        registration = register_point(registry, asked, elsewhere)
        return workflow, ("point", body["name"]), registration

    def _definition(self, body: Body) -> tuple[str, tuple[str, str], Registration | Unchanged]:
        if lacks_parent(body):
            raise Stopped("InvalidRequest")
        migrations = _migrations(body)
        workflow = self._workflow(body, migrations)
        asked = Deployment(
            id=body["id"],
            workflow=workflow,
            machine=_compiled(body),
            migrations=migrations,
            body_digest=canonical(body),
        )
        registry, elsewhere = self._registry(workflow), self._elsewhere(workflow)
        registration = register_definition(registry, asked, elsewhere)
        return workflow, ("definition", body["id"]), registration

    def _workflow(self, body: Body, migrations: tuple[Migration, ...]) -> str:
        if "workflow" in body:
            return str(body["workflow"])
        if migrations:
            return self.home.get(migrations[0].source, str(body["id"]))
        return str(body["definition"].get("id", body["id"]))

    def _register(
        self,
        workflow: str,
        key: tuple[str, str],
        registration: Registration | Unchanged,
        body: Body,
        *,
        applied: bool,
    ) -> tuple[dict[str, list[str]], int]:
        if isinstance(registration, Unchanged):
            return self.answers[key]
        mine = [(n, c) for n, c in self.actors.items() if self.home[c.version] == workflow]
        planned = plan(registration, mine)
        verdicts = {
            verdict: [row.key for row in planned.verdicts if row.verdict == verdict]
            for verdict in VERDICTS
        }
        if applied and workflow in self.frozen:
            raise Stopped("Frozen")
        if applied:
            _check(planned, body)
            self._apply(workflow, registration, planned)
            self.answers[key] = verdicts, registration.clock
        return verdicts, registration.clock

    def _apply(self, workflow: str, registration: Registration, planned: Plan[str]) -> None:
        self.registries[workflow] = registration.settled
        if registration.version is not None:
            self.home[registration.version.id] = workflow
        for row in planned.verdicts:
            self._keep(row.key, row.evaluation)
        for name in self.actors:
            self._drain(name)

    def _counts(self, answer: tuple[dict[str, list[str]], int]) -> Body:
        verdicts, clock = answer
        return {**{verdict: len(names) for verdict, names in verdicts.items()}, "clock": clock}

    def close(self, name: str) -> Body:
        for workflow, registry in self.registries.items():
            if registry.point(name) is not None:
                self.registries[workflow] = close_point(registry, name)
                return {}
        raise Stopped("UnknownChangePoint")

    def _registry(self, workflow: str) -> Registry:
        return self.registries.get(workflow) or Registry(workflow)

    def _elsewhere(self, workflow: str) -> dict[str, str]:
        return {version: home for version, home in self.home.items() if home != workflow}

    def spawn(self, body: Body) -> Body:
        count, name, version = body.get("count"), body["as"], body["definitionId"]
        names = [name] if count is None else [f"{name}-{i + 1}" for i in range(count)]
        if set(names) & set(self.actors):
            raise Stopped("ActorExists")
        if version not in self.home:
            raise Stopped("UnknownVersion")
        for each in names:
            self.decisions[each], self.queues[each] = [], []
            workflow = self.home[version]
            routed = workflow not in self.frozen
            self._keep(each, spawn(self.registries[workflow], version, routed=routed))
        return {}

    def _keep(self, name: str, evaluation: Evaluation) -> None:
        self.actors[name] = evaluation.cohort
        self.decisions[name] += evaluation.decisions

    def send(self, body: Body) -> Body:
        name, accepted = body["to"], list[bool]()
        for event_type in body["events"]:
            if name not in self.actors:
                raise Stopped("UnknownActor")
            stranding = self.actors[name].stranding
            if self.queues[name] or (stranding and stranding.while_stranded == "Buffer"):
                self.queues[name].append(event_type)
                accepted.append(False)
            elif stranding and stranding.while_stranded == "Block":
                raise Stopped("ActorBlocked")
            else:
                accepted.append(self._take(name, event_type))
        return {"accepted": accepted}

    def _take(self, name: str, event_type: str) -> bool:
        cohort = self.actors[name]
        workflow = self.home[cohort.version]
        routed = workflow not in self.frozen
        advanced = advance(self.registries[workflow], cohort, event_type, routed=routed)
        self._keep(name, advanced.evaluation)
        return advanced.accepted

    def _drain(self, name: str) -> None:
        while self.queues[name] and self.actors[name].stranding is None:
            event_type = self.queues[name].pop(0)
            try:
                self._take(name, event_type)
            except CoreError:
                continue

    def rescue(self, body: Body) -> Body:
        name = body["actor"]
        if name not in self.actors:
            raise Stopped("UnknownActor")
        cohort = self.actors[name]
        workflow = self.home[cohort.version]
        if workflow in self.frozen:
            raise Stopped("Frozen")
        self.registries[workflow], evaluation = rescue(
            self.registries[workflow],
            cohort,
            body["to"],
            body["stateValue"],
            body["reason"],
            elsewhere=self._elsewhere(workflow),
        )
        self._keep(name, evaluation)
        self._drain(name)
        return {}

    def freeze(self, workflow: str) -> Body:
        if workflow not in self.registries:
            raise Stopped("UnknownWorkflow")
        self.frozen.add(workflow)
        return {}

    def unfreeze(self, workflow: str) -> Body:
        if workflow not in self.registries:
            raise Stopped("UnknownWorkflow")
        if workflow in self.frozen:
            self.frozen.remove(workflow)
            for name, cohort in self.actors.items():
                if self.home[cohort.version] == workflow:
                    self._keep(name, evaluate(self.registries[workflow], cohort))
                    self._drain(name)
        return {}

    def expect(self, _: Body) -> Body:
        return {}

    def report(self) -> dict[str, Body]:
        return {name: self._describe(name, cohort) for name, cohort in self.actors.items()}

    def _describe(self, name: str, cohort: Cohort) -> Body:
        registry = self.registries[self.home[cohort.version]]
        records = [decision.to_json() for decision in self.decisions[name]]
        return {
            "version": cohort.version,
            "stateValue": state_value(registry, cohort),
            "status": cohort.status,
            "reason": cohort.stranding.reason if cohort.stranding else None,
            "history": list(cohort.history.types()),
            "decisions": [{key: record[key] for key in AUDITED} for record in records],
        }


def _rules(body: Body) -> Any:
    regions = body.get("regions", {})
    return {
        "history_path": tuple(body.get("historyPath", ())),
        "regions": tuple(sorted((region, tuple(path)) for region, path in regions.items())),
        "mapping": state_mapping(body.get("stateMapping")),
        "landing": body.get("landing"),
        "rescues": body.get("rescues", True),
        "evaluation": body.get("evaluation", "Continuous"),
        "while_stranded": body.get("whileStranded", "Continue"),
    }


def _migrations(body: Body) -> tuple[Migration, ...]:
    if "migrations" in body:
        return tuple(
            Migration(name=_name(item, body, item["from"]), source=item["from"], **_rules(item))
            for item in body["migrations"]
        )
    if "parentId" not in body:
        return ()
    parent = body["parentId"]
    return (Migration(name=_name(body, body, parent), source=parent, **_rules(body)),)


def _name(item: Body, body: Body, source: str) -> str:
    return str(item.get("name", f"{body['id']}.{source}"))


def _compiled(body: Body) -> Machine:
    try:
        return compile_machine(body["definition"], guards=body.get("guards", "Ignore"))
    except DefinitionError:
        raise Stopped("InvalidDefinition") from None


def _check(planned: Plan[str], body: Body) -> None:
    counted = tally(planned, dict.fromkeys((row.key for row in planned.verdicts), 1))
    gate = Gate(max_stranded=body.get("maxStranded"), expect_plan=body.get("expectPlan"))
    check_gate(planned.plan_hash, counted, gate)


_WOULD = {"migrated": "Migrate", "stayed": "Stay", "stranded": "Strand"}
ACTIONS: dict[str, Callable[[CorePlay, Any], Body]] = {
    "deploy": CorePlay.deploy,
    "preview": CorePlay.preview,
    "changePoint": CorePlay.change_point,
    "close": CorePlay.close,
    "spawn": CorePlay.spawn,
    "send": CorePlay.send,
    "rescue": CorePlay.rescue,
    "expect": CorePlay.expect,
    "freeze": CorePlay.freeze,
    "unfreeze": CorePlay.unfreeze,
}
