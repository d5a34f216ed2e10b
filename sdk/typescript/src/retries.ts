/** When a try is worth repeating, and after how long: decided here and nowhere else. Sends nothing, never sleeps. */

/** How often a call is sent again, and how long between tries: full jitter under a doubling ceiling. */
export interface Retries {
  /** Further tries after the first. Default: 4. */
  readonly retries?: number;
  /** Milliseconds: the ceiling of the first wait. Default: 100. */
  readonly firstWait?: number;
  /** Milliseconds: the ceiling of every wait. Default: 5,000. */
  readonly ceiling?: number;
  /** A number from 0 to 1. Default: Math.random. */
  readonly chance?: () => number;
}

const AGAIN: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/** Of these, the ones that say that nothing was done. */
const UNDONE: ReadonlySet<number> = new Set([408, 425, 429]);

/** Longer than this nobody waits: the caller gets the problem, with what the server asked for. */
const LONGEST_WAIT = 20_000;

/** What ended a try: nothing that could be read, or an answer with this status. */
export type Outcome = 'nothing' | { readonly status: number; readonly retryAfter: number | null };

/**
 * Milliseconds until the next try, or null where there is none. `attempt` counts from 1; a call that is to happen `once`
 * is not repeated where it may have happened.
 */
export function waitAfter(settings: Required<Retries>, attempt: number, outcome: Outcome, once = false): number | null {
  if (attempt > settings.retries) return null;
  if (once && (outcome === 'nothing' || !UNDONE.has(outcome.status))) return null;
  const jitter = settings.chance() * Math.min(settings.ceiling, settings.firstWait * 2 ** (attempt - 1));
  if (outcome === 'nothing') return jitter;
  if (!AGAIN.has(outcome.status)) return null;
  const asked = (outcome.retryAfter ?? 0) * 1000;
  return asked > LONGEST_WAIT ? null : Math.max(asked, jitter);
}

/** Seconds that a `Retry-After` header asks for: a number, or a time. */
export function retryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : Math.max(0, (time - now) / 1000);
}
