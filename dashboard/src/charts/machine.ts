// A statechart as a drawing needs it, read from the definition's JSON. It reads leniently what the
// server has accepted already, and resolves targets as XState does.

import { escaped } from "../words";

export type Kind = "atomic" | "compound" | "parallel" | "final" | "history";

export interface State {
  /** Dotted path from the root; the root's is empty. */
  path: string;
  key: string;
  kind: Kind;
  depth: number;
  parent: State | null;
  children: State[];
  initial: State | null;
  description: string;
}

export interface Arrow {
  from: State;
  to: State;
  /** One line an event. */
  labels: string[];
}

export interface Chart {
  root: State;
  /** In document order, the root first. */
  states: State[];
  arrows: Arrow[];
  /** Events that are taken without going anywhere, by path. */
  inner: Map<string, string[]>;
}

type Json = Record<string, unknown>;

export function chartOf(definition: unknown): Chart {
  const ids = new Map<string, State>();
  const states: State[] = [];
  const bodies = new Map<State, Json>();
  const root = build(asObject(definition), "", null);
  const chart: Chart = { root, states, arrows: [], inner: new Map() };
  const drawn = new Map<string, Arrow>();
  for (const state of states) connect(state);
  return chart;

  function build(body: Json, key: string, parent: State | null): State {
    const children = Object.entries(asObject(body["states"]));
    const path = parent === null ? "" : join(parent.path, key);
    const state: State = {
      path,
      key,
      kind: kindOf(body, children.length),
      depth: parent === null ? 0 : parent.depth + 1,
      parent,
      children: [],
      initial: null,
      description: typeof body["description"] === "string" ? body["description"] : "",
    };
    states.push(state);
    bodies.set(state, body);
    if (typeof body["id"] === "string") ids.set(body["id"], state);
    state.children = children.map(([name, inner]) => build(asObject(inner), name, state));
    const first = typeof body["initial"] === "string" ? body["initial"] : asObject(body["initial"])["target"];
    if (state.kind === "compound" && typeof first === "string") {
      state.initial = below(state, first.replace(/^\./, "")) ?? ids.get(first.slice(1)) ?? null;
    }
    return state;
  }

  function connect(state: State): void {
    const body = bodies.get(state) ?? {};
    for (const [event, given] of Object.entries(asObject(body["on"] ?? body["true"]))) add(state, event, given);
    add(state, "always", body["always"]);
    add(state, "done", body["onDone"]);
    for (const [delay, given] of Object.entries(asObject(body["after"]))) add(state, `after ${delay}`, given);
    if (state.kind === "history") add(state, "default", body["target"]);
  }

  function add(from: State, event: string, given: unknown): void {
    if (given === undefined || given === null) return;
    for (const one of Array.isArray(given) ? given : [given]) {
      const target = typeof one === "object" ? asObject(one)["target"] : one;
      const guarded = typeof one === "object" && (asObject(one)["guard"] ?? asObject(one)["cond"]) !== undefined;
      const label = guarded ? `${event} [guard]` : event;
      const targets = (Array.isArray(target) ? target : [target]).filter((name) => typeof name === "string");
      if (targets.length === 0) chart.inner.set(from.path, [...(chart.inner.get(from.path) ?? []), label]);
      for (const name of targets) {
        const to = resolve(from, name as string);
        if (to) draw(from, to, label);
      }
    }
  }

  function draw(from: State, to: State, label: string): void {
    const name = `${from.path}\n${to.path}`;
    const known = drawn.get(name);
    if (known) {
      if (!known.labels.includes(label)) known.labels.push(label);
      return;
    }
    const arrow = { from, to, labels: [label] };
    drawn.set(name, arrow);
    chart.arrows.push(arrow);
  }

  function resolve(from: State, name: string): State | null {
    if (name.startsWith("#")) return byId(name.slice(1));
    if (name.startsWith(".")) return below(from, name.slice(1));
    return below(from.parent ?? from, name);
  }

  function byId(name: string): State | null {
    const whole = ids.get(name);
    if (whole) return whole;
    const keys = split(name);
    for (let length = keys.length; length > 0; length -= 1) {
      const head = ids.get(keys.slice(0, length).join("."));
      const found = head && walk(head, keys.slice(length));
      if (found) return found;
    }
    // An id that nobody gave is the machine's own with the path behind it.
    return walk(root, keys) ?? walk(root, keys.slice(1));
  }
}

/** Where the states are that a value with these innermost states has active. */
export function activePaths(leaves: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const leaf of leaves) {
    const keys = split(leaf);
    for (let length = 1; length <= keys.length; length += 1) {
      found.add(keys.slice(0, length).map(escaped).join("."));
    }
  }
  return found;
}

export function split(path: string): string[] {
  const keys: string[] = [];
  let key = "";
  for (let at = 0; at < path.length; at += 1) {
    if (path[at] === "\\" && at + 1 < path.length) key += path[++at];
    else if (path[at] === ".") {
      keys.push(key);
      key = "";
    } else key += path[at];
  }
  return [...keys, key];
}

function below(state: State, path: string): State | null {
  return walk(state, split(path));
}

function walk(state: State, keys: readonly string[]): State | null {
  let here: State | undefined = state;
  for (const key of keys) here = here?.children.find((child) => child.key === key);
  return here ?? null;
}

function join(path: string, key: string): string {
  return path === "" ? escaped(key) : `${path}.${escaped(key)}`;
}

function kindOf(body: Json, children: number): Kind {
  if (body["type"] === "history" || body["history"] !== undefined) return "history";
  if (body["type"] === "parallel" || body["parallel"] === true) return "parallel";
  if (body["type"] === "final") return "final";
  return children > 0 ? "compound" : "atomic";
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
