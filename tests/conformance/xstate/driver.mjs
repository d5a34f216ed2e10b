// Answers what XState says. One JSON object a line: {definition, events, guards} in,
// {states, status, accepted, regions, history, live, error} out.
//
// XState asks regions in the order in which they were entered last, so the answer to one question
// depends on what happened before (and differs after a restore). We compare in document order:
// `pinOrder` sorts what XState iterates over, and touches nothing else. `live` says whether XState
// untouched gives the same states, and recorded cases are only those where it does.
import { createInterface } from 'node:readline';
import { createMachine, initialTransition, transition } from 'xstate';

const MAX_MICROSTEPS = 2000;
let pinned = true;

const flatMap = Array.prototype.flatMap;
Array.prototype.flatMap = function (...args) {
  if (pinned && this.length > 1 && this[0]?.machine?.idMap) this.sort((a, b) => a.order - b.order);
  return flatMap.apply(this, args);
};

function inOrder(node, value) {
  if (typeof value === 'string') return value;
  const keys = Object.keys(node.states).filter((key) => key in value);
  return Object.fromEntries(keys.map((key) => [key, inOrder(node.states[key], value[key])]));
}

function pinOrder(machine) {
  const select = machine.getTransitionData;
  machine.getTransitionData = function (snapshot, event) {
    if (pinned) snapshot.value = inOrder(machine.root, snapshot.value);
    return select.call(this, snapshot, event);
  };
}

const TRANSITIONS = ['always', 'onDone', 'onError', 'onSnapshot'];

function withGuards(config, guards) {
  if (Array.isArray(config)) return config.map((item) => withGuards(item, guards));
  if (config === null || typeof config !== 'object') return config;
  const { guard, cond, in: inState, ...rest } = config;
  if (guards === 'Deny' && (guard || cond || inState)) rest.guard = () => false;
  return rest;
}

function prepare(config, guards) {
  const node = { ...config };
  for (const key of TRANSITIONS) if (key in node) node[key] = withGuards(node[key], guards);
  for (const key of ['on', 'after']) {
    if (node[key]) {
      node[key] = Object.fromEntries(
        Object.entries(node[key]).map(([name, value]) => [name, withGuards(value ?? {}, guards)]),
      );
    }
  }
  if (node.invoke) {
    const invoked = [node.invoke].flat();
    node.invoke = invoked.map((config) => {
      const handlers = TRANSITIONS.filter((key) => key in config);
      const guarded = handlers.map((key) => [key, withGuards(config[key], guards)]);
      return { ...config, ...Object.fromEntries(guarded) };
    });
  }
  if (node.states) {
    node.states = Object.fromEntries(
      Object.entries(node.states).map(([key, value]) => [key, prepare(value, guards)]),
    );
  }
  return node;
}

function isLegal(snapshot) {
  const active = new Set(snapshot._nodes);
  return snapshot._nodes.every((node) => {
    if (node.type === 'history' || (node.parent && !active.has(node.parent))) return false;
    const children = Object.values(node.states).filter((child) => child.type !== 'history');
    const below = children.filter((child) => active.has(child)).length;
    if (node.type === 'parallel') return below === children.length;
    return node.type === 'compound' ? below === 1 : below === 0;
  });
}

const escape = (key) => key.replace(/\\/g, '\\\\').replace(/\./g, '\\.');

function regionsOf(node) {
  const found = [];
  for (let at = node; at.parent; at = at.parent) if (at.parent.type === 'parallel') found.push(at);
  return found;
}

// XState does not say which of the transitions that it selected it took, but it says which actions
// are to be executed: so each transition that does anything gets an action that names it, and the
// turn of the macrostep in which it was selected last. The first turn that executes any is that of
// the event itself.
const MARK = 'taken ';
let turn = 0;

const isEffective = (t) => t.target !== undefined || t.actions.length > 0;

function markTransitions(machine) {
  for (const node of machine.idMap.values()) {
    for (const t of [...node.transitions.values()].flat().filter(isEffective)) {
      t.mark = { type: MARK };
      t.actions = [...t.actions, t.mark];
    }
  }
  const select = machine.getTransitionData;
  machine.getTransitionData = function (snapshot, event) {
    const chosen = select.call(this, snapshot, event);
    turn += 1;
    for (const [place, t] of chosen.entries()) if (t.mark) t.mark.type = `${MARK}${turn} ${place}`;
    return chosen;
  };
}

function takenOf(chosen, actions) {
  const marks = actions.map((action) => action.type).filter((type) => type.startsWith(MARK));
  const places = marks.map((type) => type.slice(MARK.length).split(' ').map(Number));
  const first = Math.min(...places.map(([when]) => when));
  const taken = new Set(places.filter(([when]) => when === first).map(([, place]) => place));
  return chosen.filter((t, place) => t.mark && taken.has(place));
}

function regionsTaken(chosen, actions) {
  const regions = new Set(takenOf(chosen, actions).flatMap((t) => regionsOf(t.source)));
  return [...regions].sort((a, b) => a.order - b.order).map((r) => r.path.map(escape).join('.'));
}

function historyOf(snapshot) {
  return Object.fromEntries(
    Object.entries(snapshot.historyValue).map(([id, nodes]) => [id, nodes.map((n) => n.id).sort()]),
  );
}

function run(machine, events) {
  const answer = { states: [], status: [], accepted: [], regions: [], history: [], error: null };
  let snapshot;
  const note = () => {
    if (snapshot.status === 'error') throw snapshot.error;
    if (!isLegal(snapshot)) throw new Error('inconsistent');
    answer.states.push(inOrder(machine.root, snapshot.value));
    answer.status.push(snapshot.status);
    answer.history.push(historyOf(snapshot));
  };
  try {
    [snapshot] = initialTransition(machine);
    note();
    for (const type of events) {
      if (snapshot.status === 'active') {
        const chosen = machine.getTransitionData(snapshot, { type });
        answer.accepted.push(chosen.some(isEffective));
        // Asked even if nothing is accepted: then nothing may change there either.
        const [next, actions] = transition(machine, snapshot, { type });
        answer.regions.push(regionsTaken(chosen, actions));
        snapshot = next;
      } else {
        answer.accepted.push(false);
        answer.regions.push([]);
      }
      note();
    }
  } catch (error) {
    answer.error = String(error.message ?? error);
  }
  return answer;
}

function answer({ definition, events, guards }) {
  let machine;
  try {
    const config = { ...prepare(definition, guards), options: { maxIterations: MAX_MICROSTEPS } };
    machine = createMachine(config);
  } catch (error) {
    return { states: [], status: [], error: `creation: ${error.message}` };
  }
  // No actor runs: an invocation would make every entry a change and an endless loop of some.
  for (const node of machine.idMap.values()) Object.defineProperty(node, 'invoke', { value: [] });
  markTransitions(machine);
  pinOrder(machine);
  pinned = true;
  const ordered = run(machine, events);
  pinned = false;
  const live = run(machine, events);
  ordered.live = JSON.stringify(live.states) === JSON.stringify(ordered.states);
  return ordered;
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line) process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
