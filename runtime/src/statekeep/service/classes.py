"""Cohort records, put together with those that a change treats alike.

A change asks little of a past (`core.reading`). Records of one form whose pasts answer alike are
one *class* and are judged once, by one of them. A million different histories are few classes.

Records are put here as they are read, and again when they were touched: a count that was seen
before is replaced. What a record says cannot change meanwhile, because only a change rewrites it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from statekeep.core.cohort import Cohort
from statekeep.core.decisions import Decision
from statekeep.core.evaluate import Evaluation
from statekeep.core.history import EMPTY
from statekeep.core.reading import Reading
from statekeep.core.registry import Registry
from statekeep.service.judgement import block_of
from statekeep.storage.ports import Block, CohortRow, Entry, Past, Recast


@dataclass(slots=True, eq=False)
class Class:
    """Records that are treated alike."""

    number: int
    cohort: Cohort
    """The first that was met."""
    count: int = 0
    evaluation: Evaluation | None = None
    """What the change makes of it; None if it does not concern it."""
    block: Block | None = None
    recast: Recast | None = None
    pasts: dict[Hashable, tuple[int, Past]] = field(default_factory=dict)
    """New pasts by what records said before, each with a number, where a landing changes them."""

    def after(self, cohort: Cohort) -> Cohort:
        """What becomes of a member."""
        if self.evaluation is None:
            return cohort
        return replace(self.evaluation.cohort, history=cohort.history)

    @property
    def changes_pasts(self) -> bool:
        """Whether a landing drops or replaces region histories."""
        return self.evaluation is not None and self.evaluation.cohort.regions != self.cohort.regions


class Classes:
    """All records of a workflow, as one change sees them."""

    def __init__(self, reading: Reading, registry: Registry) -> None:
        self._reading = reading
        self._after = registry
        self._by_content: dict[Hashable, Class] = {}
        self._by_key: dict[Hashable, Class] = {}
        self._by_form: dict[tuple[int, bool], tuple[Cohort, Class | None]] = {}
        """By the number of the form, which is kept so that the number stays its own, and by whether
        the past is plain; None where the past must be known."""
        self._rows: defaultdict[int, dict[str, CohortRow]] = defaultdict(dict)
        self._actors: Counter[int] = Counter()
        self._unstaged: defaultdict[int, list[CohortRow]] = defaultdict(list)
        self._wholes: dict[Hashable, Cohort] = {}
        self._recasts: dict[Hashable, Recast] = {}
        self._unjudged: list[Class] = []
        self._recounted: dict[int, Class] = {}
        """The classes whose counts may have changed."""
        self._numbers = 0

    def put(self, rows: Iterable[CohortRow]) -> list[CohortRow]:
        """Take records, or their new counts. Answers those that were not taken, because what they
        say is new here: `meet` it first."""
        lacking = []
        for row in rows:
            found = self._by_content.get(row.content) or self._met(row)
            if found is None:
                lacking.append(row)
                continue
            own = self._rows[row.shard]
            before, more = own.get(row.id), row.actors
            own[row.id] = row
            if before is None:
                self._unstaged[row.shard].append(row)
            else:
                more -= before.actors
            found.count += more
            self._actors[row.shard] += more
            self._recounted[found.number] = found
        return lacking

    def meet(self, row: CohortRow, whole: Cohort) -> Class:
        """Learn what a record says that is not in its row."""
        asked = self._reading.of(row.form)
        if whole.regions or asked.machines:
            self._wholes[row.content] = whole
        found = self._class_of((row.form, asked.answers(whole)), whole)
        self._by_content[row.content] = found
        return found

    def _met(self, row: CohortRow) -> Class | None:
        """The class of a record that says something new, if its row is enough to know it."""
        known = self._by_form.get((id(row.form), row.plain))
        if known is None:
            found = None
            if self._reading.of(row.form).is_silent_on(plain=row.plain):
                found = self._class_of((row.form, None), row.form)
            known = self._by_form[id(row.form), row.plain] = row.form, found
        if known[1] is not None:
            self._by_content[row.content] = known[1]
            return known[1]
        return None if row.whole is None else self.meet(row, row.whole)

    def _class_of(self, key: Hashable, cohort: Cohort) -> Class:
        found = self._by_key.get(key)
        if found is None:
            self._numbers += 1
            found = self._by_key[key] = Class(self._numbers, cohort)
            self._unjudged.append(found)
        return found

    def count(self, shard: int) -> int:
        """How many actors are in the records of a shard."""
        return self._actors[shard]

    def all_of(self, shard: int, rows: Sequence[CohortRow]) -> list[CohortRow]:
        """These rows, which are all that have members, and those that have none any more."""
        live = {row.id for row in rows}
        gone = [row for name, row in self._rows.get(shard, {}).items() if name not in live]
        return [*rows, *(row._replace(actors=0) for row in gone)]

    def rows(self) -> Iterator[CohortRow]:
        """All records, by shard and id. A shard is sorted when its turn comes."""
        for _, rows in sorted(self._rows.items()):
            for name in sorted(rows):
                yield rows[name]

    def class_of(self, row: CohortRow) -> Class:
        """The class of a record that is here."""
        return self._by_content[row.content]

    def judge(self, most: int) -> bool:
        """Judge some classes that are new; whether there are more."""
        some, self._unjudged = self._unjudged[:most], self._unjudged[most:]
        if some:
            self.judged(some)
        return bool(self._unjudged)

    def judged(self, classes: Sequence[Class]) -> None:
        """Say what the change makes of new classes."""
        raise NotImplementedError

    def recasts(self, shard: int, entry: Entry) -> list[Recast]:
        """What is to be staged for records of a shard that were not staged before."""
        rows = self._unstaged.pop(shard, [])
        plain: dict[int, list[str]] = {}
        kinds: dict[int, Recast] = {}
        found: list[Recast] = []
        for row in rows:
            own = self._by_content[row.content]
            if own.evaluation is None:
                continue
            if own.changes_pasts:
                found.append(self._with_past(own, row, entry))
            else:
                recast = self._recast(own, entry)
                plain.setdefault(recast.number, []).append(row.id)
                kinds[recast.number] = recast
        for number, names in plain.items():
            found.append(replace(kinds[number], records=tuple(names)))
        return found

    def _recast(self, own: Class, entry: Entry) -> Recast:
        """What is written for a class. Where whole histories are walked there are many classes and
        few kinds of outcome: those that differ in the fingerprint only have one recast."""
        if own.recast is None:
            if own.evaluation is None:
                raise AssertionError("a class that is not concerned is not staged")
            after = own.after(own.cohort)
            form = None
            if after != own.cohort:
                form = replace(after, history=EMPTY, regions=())
            kind = form, tuple(map(_but_for_the_fingerprint, own.evaluation.decisions))
            own.recast = self._recasts.get(kind)
            if own.recast is None:
                block = block_of(entry, own.evaluation.decisions)
                machine = None if form is None else self._after.machine(form.version)
                own.recast = Recast(own.number, (), block, form, machine)
                self._recasts[kind] = own.recast
        return own.recast

    def _with_past(self, own: Class, row: CohortRow, entry: Entry) -> Recast:
        known = own.pasts.get(row.content)
        if known is None:
            after = own.after(self._wholes[row.content])
            self._numbers += 1
            known = own.pasts[row.content] = self._numbers, Past(after.history, after.regions)
        number, past = known
        return replace(self._recast(own, entry), number=number, past=past, records=(row.id,))


def _but_for_the_fingerprint(decision: Decision) -> Hashable:
    """What tells two decisions apart that are read with the fingerprint of their record."""
    told = decision.to_json()
    return tuple(repr(told[name]) for name in told if name != "fingerprint")
