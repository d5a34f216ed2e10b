/**
 * From a machine as a program holds it (XState's `createMachine(…)`, `setup(…).createMachine(…)`, or the object they
 * take) to the JSON that StateKeep registers.
 *
 * Invariant: what decides where an event leads is carried whole, in the order in which it was written, or refused.
 * Functions decide nothing there: an action, a guard or an actor is carried by its type, a function without one as
 * `inline` — not by its name, which a minifier changes, and with it the digest of an unchanged machine. What is left out
 * stands in `warnings`.
 */
import { NotConvertibleError } from './errors.js';
import type { Finding, JsonObject } from './generated/wire.js';
import { pointerTo, whatIsNotJson } from './json.js';

/** The part of an XState machine that is read: the configuration it was created from. */
export interface MachineLike {
  readonly config: object;
  transition(...rest: any[]): unknown;
}

/** A definition: JSON text (kept as it is), an object, or an XState machine. */
export type DefinitionInput = string | object | MachineLike;

export interface Converted {
  readonly definition: JsonObject;
  /** What was left out or cannot act here, by JSON pointer. */
  readonly warnings: readonly Finding[];
}

/** The definition of a machine. Throws `NotConvertibleError` with all that stands against it. */
export function toDefinition(machine: object): Converted {
  const conversion = new Conversion();
  const definition = conversion.node(isMachine(machine) ? machine.config : machine, '', []);
  if (conversion.errors.length > 0) throw new NotConvertibleError(conversion.errors);
  return { definition: definition as JsonObject, warnings: conversion.warnings };
}

export function isMachine(value: object): value is MachineLike {
  return 'config' in value && isRecord(value.config) && 'transition' in value && typeof value.transition === 'function';
}

type Read = (value: unknown, pointer: string) => unknown;

/** Says nothing to a runtime: types for the compiler, schemas for tools. */
const OF_TYPES = new Set(['types', 'schemas', 'schema', 'tsTypes']);

const RAISES = new Set(['xstate.raise', 'xstate.enqueueActions']);

class Conversion {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];

  node(value: unknown, pointer: string, above: readonly unknown[]): unknown {
    if (!isRecord(value)) return this.strict(value, pointer);
    if (above.includes(value)) return this.#refuse('Circular', 'the state contains itself', pointer);
    const inside = [...above, value];
    const states: Read = (child, where) => this.node(child, where, inside);
    return this.members(value, pointer, {
      states: (children, where) => this.each(children, where, states),
      on: this.events,
      after: this.events,
      always: this.transitions,
      onDone: this.transitions,
      initial: this.transition,
      invoke: this.invocations,
      entry: this.actions,
      exit: this.actions,
      onEntry: this.actions,
      onExit: this.actions,
      activities: this.actions,
      context: this.carried,
      data: this.carried,
      meta: this.carried,
      options: this.carried,
      output: this.carried,
      route: this.carried,
    });
  }

  /** The members of an object, in their order, each read in its way and all others as plain JSON. */
  members(value: object, pointer: string, readers: Readonly<Record<string, Read>>): JsonObject {
    const found: Array<[string, unknown]> = [];
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined || OF_TYPES.has(key)) continue;
      const read = Object.hasOwn(readers, key) ? readers[key]! : this.strict;
      const written = read(member, pointerTo(pointer, key));
      if (written !== undefined) found.push([key, written]);
    }
    return Object.fromEntries(found);
  }

  each(value: unknown, pointer: string, read: Read): unknown {
    if (!isRecord(value)) return this.strict(value, pointer);
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, read(member, pointerTo(pointer, key))]),
    );
  }

  /** `on` and `after`: an undefined entry forbids the event, as an empty transition does. */
  readonly events: Read = (value, pointer) =>
    Array.isArray(value) ? this.transitions(value, pointer) : this.each(value, pointer, this.transitions);

  readonly transitions: Read = listed((value, pointer) => this.transition(value, pointer));

  readonly transition: Read = (value, pointer) => {
    if (value === undefined) return {};
    if (!isRecord(value)) return this.strict(value, pointer);
    return this.members(value, pointer, {
      actions: this.actions,
      guard: this.guard,
      cond: this.guard,
      meta: this.carried,
    });
  };

  readonly actions: Read = listed((value, pointer) => this.action(value, pointer));

  readonly action: Read = (value, pointer) => {
    const type = typeOf(value);
    if (type !== null && RAISES.has(type)) {
      this.#warn('RaiseIgnored', `\`${type}\` raises nothing here: your backend sends the event`, pointer);
    }
    return this.implementation(value, pointer, 'actions');
  };

  readonly guard: Read = (value, pointer) => {
    if (typeof value !== 'function' || !('guards' in value) || !Array.isArray(value.guards)) {
      return this.implementation(value, pointer, 'guards');
    }
    const guards = value.guards.map((inner, index) => this.guard(inner, pointerTo(pointer, index)));
    return { type: 'composite', params: { guards } };
  };

  readonly invocations: Read = listed((value, pointer) => this.invocation(value, pointer));

  readonly invocation: Read = (value, pointer) => {
    if (!isRecord(value) || isLogic(value)) return this.implementation(value, pointer, 'actors');
    return this.members(value, pointer, {
      src: (source, where) => this.implementation(source, where, 'actors'),
      onDone: this.transitions,
      onError: this.transitions,
      onSnapshot: this.transitions,
      input: this.carried,
      data: this.carried,
      syncSnapshot: this.carried,
    });
  };

  /** An action, a guard or an actor: its name or type, and its parameters where they are JSON. */
  implementation(value: unknown, pointer: string, kind: 'actions' | 'actors' | 'guards'): unknown {
    if (typeof value === 'string') return value;
    const type = typeOf(value);
    if (typeof value === 'function' && type !== null) return { type };
    if (typeof value === 'function' || (isRecord(value) && isLogic(value))) {
      this.#warn('FunctionNotCarried', `written as \`inline\`; setup({ ${kind} }) gives it a name`, pointer);
      return 'inline';
    }
    if (!isRecord(value) || type === null) return this.strict(value, pointer);
    const { type: _, ...rest } = value;
    const readers = Object.fromEntries(Object.keys(rest).map((key) => [key, this.carried]));
    return { type, ...this.members(rest, pointer, readers) };
  }

  /** What is kept and never decides anything: left out, with a warning, where it is no JSON. */
  readonly carried: Read = (value, pointer) => {
    const lost = whatIsNotJson(value, pointer);
    for (const { message, pointer: where } of lost) this.#warn('NotCarried', `left out: ${message}`, where);
    return lost.length > 0 ? undefined : value;
  };

  readonly strict: Read = (value, pointer) => {
    this.errors.push(...whatIsNotJson(value, pointer));
    return value;
  };

  #warn(code: string, message: string, pointer: string): void {
    this.warnings.push({ code, message, pointer });
  }

  #refuse(code: string, message: string, pointer: string): undefined {
    this.errors.push({ code, message, pointer });
  }
}

/** One, or a list of them. */
function listed(read: Read): Read {
  return (value, pointer) =>
    Array.isArray(value) ? value.map((item, index) => read(item, pointerTo(pointer, index))) : read(value, pointer);
}

/** Actor logic of XState: machines, promises, callbacks, observables. */
function isLogic(value: object): boolean {
  return 'transition' in value && typeof value.transition === 'function';
}

function typeOf(value: unknown): string | null {
  const holder = typeof value === 'function' || isRecord(value) ? (value as { type?: unknown }) : {};
  return typeof holder.type === 'string' ? holder.type : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
