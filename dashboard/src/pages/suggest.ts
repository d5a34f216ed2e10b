// Which state of the next version may take the place of one that has no landing there. A suggestion
// and nothing more: it is shown, and a person takes it or another.

import type { Chart, State } from "../charts/machine";

const ENOUGH = 0.25;

export interface Suggestion {
  path: string;
  score: number;
  why: string;
}

export function suggestions(source: Chart, path: string, target: Chart): Suggestion[] {
  const from = source.states.find((state) => state.path === path);
  if (from === undefined) return [];
  const events = eventsOf(source).get(from) ?? new Set();
  const others = eventsOf(target);
  return target.states
    .filter((state) => state.parent !== null && state.kind !== "history")
    .map((state) => judged(from, events, state, others.get(state) ?? new Set()))
    .filter((one) => one.score >= ENOUGH)
    .sort((one, other) => other.score - one.score || (one.path < other.path ? -1 : 1))
    .slice(0, 5);
}

function judged(from: State, events: ReadonlySet<string>, state: State, others: ReadonlySet<string>): Suggestion {
  const shared = [...events].filter((event) => others.has(event));
  const either = new Set([...events, ...others]).size;
  const events_ = either === 0 ? 0 : shared.length / either;
  const name = from.key === state.key ? 1 : likeness(from.key, state.key);
  const kind = from.kind === state.kind ? 1 : 0;
  const why = [];
  if (name === 1) why.push("the same name");
  else if (name > 0.4) why.push("a name like it");
  if (shared.length > 0) why.push(`takes ${shared.slice(0, 3).join(", ")} too`);
  return { path: state.path, score: 0.5 * name + 0.4 * events_ + 0.1 * kind, why: why.join(", ") };
}

const known = new WeakMap<Chart, ReadonlyMap<State, ReadonlySet<string>>>();

/** What each state of a chart takes. */
function eventsOf(chart: Chart): ReadonlyMap<State, ReadonlySet<string>> {
  const before = known.get(chart);
  if (before) return before;
  const found = new Map(chart.states.map((state) => [state, new Set(chart.inner.get(state.path))]));
  for (const arrow of chart.arrows) for (const label of arrow.labels) found.get(arrow.from)?.add(label);
  known.set(chart, found);
  return found;
}

/** How much two names share, by their pairs of letters (Dice). */
function likeness(one: string, other: string): number {
  const left = pairs(one);
  const right = pairs(other);
  if (left.length === 0 || right.length === 0) return 0;
  const rest = [...right];
  let shared = 0;
  for (const pair of left) {
    const at = rest.indexOf(pair);
    if (at >= 0) {
      shared += 1;
      rest.splice(at, 1);
    }
  }
  return (2 * shared) / (left.length + right.length);
}

function pairs(name: string): string[] {
  const plain = name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "").slice(0, 60);
  return Array.from({ length: Math.max(0, plain.length - 1) }, (_, at) => plain.slice(at, at + 2));
}
