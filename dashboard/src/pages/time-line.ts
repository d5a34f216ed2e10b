// One time line of what an actor did and what was decided about it. A decision names the fingerprint
// of the history it was read from, so its place among the events is found, not guessed.

import type { Decision, HistoryItem } from "../api/types";

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = (1n << 64n) - 1n;

export type Moment =
  | { kind: "event"; event: HistoryItem; number: number }
  | { kind: "decision"; decision: Decision };

/** Fingerprint of every prefix, the empty one first: rolling FNV-1a, each type closed by 0xFF. */
export function fingerprints(types: readonly string[]): string[] {
  const encoder = new TextEncoder();
  let hash = OFFSET;
  const found = [written(hash)];
  for (const type of types) {
    for (const byte of encoder.encode(type)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
    hash = ((hash ^ 0xffn) * PRIME) & MASK;
    found.push(written(hash));
  }
  return found;
}

export function timeLine(history: readonly HistoryItem[], decisions: readonly Decision[]): Moment[] {
  const prefixes = fingerprints(history.map((item) => item.type));
  const places = new Map(prefixes.map((fingerprint, length) => [fingerprint, length]));
  const byPlace = new Map<number, Decision[]>();
  let latest = 0;
  for (const decision of decisions) {
    latest = Math.max(latest, places.get(decision.fingerprint) ?? latest);
    byPlace.set(latest, [...(byPlace.get(latest) ?? []), decision]);
  }
  const line: Moment[] = [];
  for (let place = 0; place <= history.length; place += 1) {
    const event = history[place - 1];
    if (event) line.push({ kind: "event", event, number: place });
    for (const decision of byPlace.get(place) ?? []) line.push({ kind: "decision", decision });
  }
  return line;
}

function written(hash: bigint): string {
  return hash.toString(16).padStart(16, "0");
}
