/**
 * From values to JSON text, without losing anything in silence.
 *
 * `JSON.stringify` writes `null` for NaN, `{}` for a Map, and leaves functions out; here each of these is an error
 * that says where. Members that are `undefined` are left out, as everybody expects.
 */
import { InvalidArgumentError } from './errors.js';
import type { Finding } from './generated/wire.js';

/** A JSON pointer one step further. */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replace(/~/g, '~0').replace(/\//g, '~1')}`;
}

/** What keeps a value from being JSON, or null; members below it are not looked at. */
function notJson(value: unknown): string | null {
  switch (typeof value) {
    case 'bigint':
      return 'a bigint is no JSON; write a number or a string';
    case 'function':
      return 'a function is no JSON';
    case 'symbol':
      return 'a symbol is no JSON';
    case 'number':
      return Number.isFinite(value) ? null : `${value} is no JSON; numbers are finite`;
    case 'object':
      return value === null || isPlain(value) ? null : `${nameOf(value)} is no plain object; write it as JSON`;
    default:
      return null;
  }
}

/** The text of a request's body. */
export function encode(value: unknown): string {
  const findings = whatIsNotJson(value, '');
  if (findings.length > 0) throw new InvalidArgumentError('the request cannot be written as JSON', findings);
  return JSON.stringify(value);
}

/** Everything in a value that JSON would lose. */
export function whatIsNotJson(value: unknown, pointer: string): Finding[] {
  const findings: Finding[] = [];
  look(value, pointer, [], findings);
  return findings;
}

function look(value: unknown, pointer: string, above: readonly unknown[], findings: Finding[]): void {
  const read = asRead(value);
  const wrong = notJson(read) ?? (above.includes(read) ? 'it contains itself' : null);
  if (wrong !== null) {
    findings.push({ code: 'NotJson', message: wrong, pointer });
  } else if (typeof read === 'object' && read !== null) {
    const inside = [...above, read];
    for (const [key, member] of Object.entries(read)) {
      if (member === undefined && Array.isArray(read)) {
        findings.push({
          code: 'NotJson',
          message: 'undefined in a list; write null',
          pointer: pointerTo(pointer, key),
        });
      } else if (member !== undefined) {
        look(member, pointerTo(pointer, key), inside, findings);
      }
    }
  }
}

/** What `JSON.stringify` reads: a Date, say, writes itself as a string. */
function asRead(value: unknown): unknown {
  const writes = typeof value === 'object' && value !== null && 'toJSON' in value ? value.toJSON : undefined;
  return typeof writes === 'function' ? (writes.call(value) as unknown) : value;
}

/** Lists and objects whose members are all there is of them, of whatever realm: no Map, no Error, no bytes. */
function isPlain(value: object): boolean {
  return Array.isArray(value) || nameOf(value) === 'Object';
}

function nameOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
