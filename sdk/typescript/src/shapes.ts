/** An answer, with the members that the server left out: it leaves out what has its default. */
import { SHAPES } from './generated/tables.js';

export type ShapeName = keyof typeof SHAPES;

interface Shape {
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly parts: Readonly<Record<string, ShapeName>>;
}

/** The value as its type says it is; what is no object is left as it is. */
export function complete(name: ShapeName, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => complete(name, item));
  if (typeof value !== 'object' || value === null) return value;
  const { defaults, parts } = SHAPES[name] as Shape;
  const found: Record<string, unknown> = { ...value };
  for (const [member, standard] of Object.entries(defaults)) {
    if (found[member] === undefined) found[member] = fresh(standard);
  }
  for (const [member, part] of Object.entries(parts)) found[member] = complete(part, found[member]);
  return found;
}

/** No two answers share a list. */
function fresh(standard: unknown): unknown {
  if (Array.isArray(standard)) return [];
  return typeof standard === 'object' && standard !== null ? {} : standard;
}
