"""Objects as they were last seen, and which of them belong together."""

from typing import Any

from statekeep_operator.objects import Group, Objects

LOAN, NOWHERE = Group("lending", "loan"), Group("lending", "")


def body(kind: str, name: str, version: int, spec: dict[str, Any], **meta: Any) -> dict[str, Any]:
    known = {"name": name, "namespace": "lending", "uid": f"uid-{name}", "generation": 1}
    return {
        "kind": kind,
        "metadata": {**known, "resourceVersion": str(version), **meta},
        "spec": spec,
    }


def wd(name: str, version: int = 1, **meta: Any) -> dict[str, Any]:
    return body("WorkflowDefinition", name, version, {"workflow": "loan"}, **meta)


def cp(name: str, version: int = 1, **spec: Any) -> dict[str, Any]:
    return body("ChangePoint", name, version, spec)


def names(objects: Objects, group: Group) -> list[str]:
    return [wish.name for wish in objects.wishes(group)]


def test_the_newer_sighting_wins_whatever_comes_first() -> None:
    objects = Objects()
    assert objects.seen(wd("v1", 7, generation=2)) == LOAN
    assert objects.seen(wd("v1", 5)) is None
    assert [wish.generation for wish in objects.wishes(LOAN)] == [2]


def test_resource_versions_are_numbers() -> None:
    objects = Objects()
    objects.seen(wd("v1", 9))
    assert objects.seen(wd("v1", 10, generation=2)) == LOAN


def test_what_is_gone_is_gone_unless_it_was_made_anew() -> None:
    objects = Objects()
    objects.seen(wd("v1", 1, uid="old"))
    objects.seen(wd("v1", 2, uid="new"))
    assert objects.gone(wd("v1", 3, uid="old")) is None
    assert names(objects, LOAN) == ["v1"]
    assert objects.gone(wd("v1", 4, uid="new")) == LOAN
    assert names(objects, LOAN) == []


def test_a_change_point_is_where_its_versions_are() -> None:
    objects = Objects()
    objects.seen(wd("v2"))
    assert objects.seen(cp("fix", to="v2", **{"from": "v1"})) == LOAN
    assert objects.seen(cp("other", to="v9", **{"from": "v2"})) == LOAN


def test_a_change_point_finds_its_workflow_when_the_version_appears() -> None:
    objects = Objects()
    assert objects.seen(cp("fix", to="v2")) == NOWHERE
    assert objects.versions_without_home("lending") == ["v2"]
    objects.seen(wd("v2"))
    assert (names(objects, LOAN), names(objects, NOWHERE)) == (["fix", "v2"], [])


def test_a_version_that_nothing_describes_has_the_home_that_the_runtime_tells() -> None:
    objects = Objects()
    objects.seen(cp("fix", to="v2"))
    assert objects.has_home("lending", "v2", "loan") == {LOAN}
    assert names(objects, LOAN) == ["fix"]


def test_a_listing_takes_away_what_it_lacks() -> None:
    objects = Objects()
    for name in ("v1", "v2"):
        objects.seen(wd(name))
    assert objects.only("WorkflowDefinition", None, [wd("v2"), wd("v3")]) == {LOAN}
    assert names(objects, LOAN) == ["v2", "v3"]


def test_a_listing_of_some_namespaces_says_nothing_of_others() -> None:
    objects = Objects()
    objects.seen(wd("v1"))
    objects.only("WorkflowDefinition", frozenset({"claims"}), [])
    assert names(objects, LOAN) == ["v1"]


def test_projections_are_no_wishes() -> None:
    objects = Objects()
    objects.seen(wd("v2"))
    owner = {"kind": "WorkflowDefinition", "name": "v2", "controller": True}
    objects.seen(body("ChangePoint", "v2.all", 2, {"to": "v2"}, ownerReferences=[owner]))
    assert names(objects, LOAN) == ["v2"]
    (definition,) = objects.wishes(LOAN)
    assert list(objects.projections_of(LOAN.namespace, definition.name)) == ["v2.all"]


def test_what_we_write_ourselves_is_no_news_when_it_is_seen() -> None:
    objects = Objects()
    objects.seen(wd("v1", 1))
    with objects.written("WorkflowDefinition", "lending", "v1"):
        assert objects.seen(wd("v1", 2)) is None
        assert objects.seen(wd("v1", 3, generation=2)) == LOAN, "a person was faster"
        asked = {"reconcile.statekeep.dev/requestedAt": "now"}
        assert objects.seen(wd("v1", 4, generation=2, annotations=asked)) == LOAN
    assert objects.seen(wd("v1", 5, generation=2, annotations=asked)) == LOAN


def test_a_projection_that_is_gone_is_nobody_s() -> None:
    objects = Objects()
    owner = {"kind": "WorkflowDefinition", "name": "v2", "controller": True}
    shown = body("ChangePoint", "v2.all", 2, {"to": "v2"}, ownerReferences=[owner])
    objects.seen(shown)
    objects.gone(shown)
    assert objects.projections_of("lending", "v2") == {}


def test_versions_of_other_workflows_are_known_where_they_are_named() -> None:
    objects = Objects()
    objects.seen(wd("v1"))
    objects.seen(body("WorkflowDefinition", "c1", 1, {"workflow": "claim"}))
    assert objects.elsewhere(LOAN, ["v1", "c1", "c9"]) == {"c1": "claim"}
