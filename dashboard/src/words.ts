// How numbers, times and states are written, everywhere the same.

import type { StateValue, Status, Verdict } from "./api/types";

const NUMBER = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function count(value: number): string {
  return NUMBER.format(value);
}

export function short(value: number): string {
  return value < 10_000 ? NUMBER.format(value) : SHORT.format(value);
}

export function actors(value: number): string {
  return `${count(value)} ${value === 1 ? "actor" : "actors"}`;
}

/** A moment, to the second, in UTC: what two people compare must read the same for both. */
export function moment(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "";
  return new Date(seconds * 1000).toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

export function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

export function stateText(value: StateValue | null | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : leaves(value, "").join(" + ");
}

/** A state value as the server writes it in text: a name, or JSON. */
export function stateOf(text: string): StateValue {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.parse(text) as StateValue;
  } catch {
    return text;
  }
}

/** The dotted paths of the innermost active states. */
export function leaves(value: StateValue, above: string): string[] {
  if (typeof value === "string") return [above + escaped(value)];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = above + escaped(key);
    const empty = typeof inner === "object" && Object.keys(inner).length === 0;
    return empty ? [own] : leaves(inner, `${own}.`);
  });
}

export function escaped(key: string): string {
  return key.replaceAll("\\", "\\\\").replaceAll(".", "\\.");
}

/** Names as a person types a list of them: commas between, and one within a name as `\\,`. */
export function listText(names: readonly unknown[]): string {
  return names.map((name) => String(name).replaceAll(",", "\\,")).join(", ");
}

export function listOf(text: string): string[] {
  return text
    .split(/(?<!\\),/)
    .map((name) => name.replaceAll("\\,", ",").trim())
    .filter((name) => name !== "");
}

export const STATUS_WORDS: Record<Status, string> = {
  active: "active",
  done: "done",
  needs_rescue: "needs rescue",
};

/** The status as a verb for so many. */
export function standing(status: Status, many: number): string {
  return status === "needs_rescue" && many !== 1 ? "need rescue" : STATUS_WORDS[status];
}

export const VERDICT_WORDS: Record<Verdict, string> = {
  migrated: "migrate",
  stayed: "stay",
  stranded: "strand",
};

export function anchorText(path: readonly string[], regions: Record<string, string[]>): string {
  const parts = path.length > 0 ? [path.join(" → ")] : [];
  for (const [region, events] of Object.entries(regions)) {
    parts.push(`${region}: ${events.join(" → ")}`);
  }
  return parts.length > 0 ? parts.join("; ") : "any history";
}
