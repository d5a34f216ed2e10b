/**
 * One call: sent until it is answered, and its answer read.
 *
 * Web standards only: fetch, AbortController, URL, timers. A call that writes carries one idempotency key through all
 * its tries, so that it happens once.
 */
import {
  AbortedError,
  AnswerUnreadableError,
  InvalidArgumentError,
  NoServerError,
  problemError,
  TimedOutError,
} from './errors.js';
import type { Problem } from './generated/wire.js';
import { encode } from './json.js';
import { retryAfter, waitAfter, type Outcome, type Retries } from './retries.js';
import { complete } from './shapes.js';

export interface Settings {
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly timeout: number;
  readonly retries: Required<Retries>;
}

/** What every method takes besides its arguments. */
export interface CallOptions {
  /** Ends the call, between tries too. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each try, instead of the client's; Infinity for as long as it takes. */
  readonly timeout?: number | undefined;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Nothing tells the server that it was asked before: what may have been done is not asked again. */
  readonly once?: boolean;
}

export interface Answered {
  readonly value: unknown;
  readonly etag: string | null;
}

interface Received {
  readonly response: Response;
  readonly text: string;
}

type Tried = Received | { readonly failure: unknown; readonly timedOut: boolean };

/** The longest wait that timers know; they take a longer one for none at all. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class Exchange {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Send a call until it is answered. */
  async do(call: Call, options: CallOptions = {}): Promise<Answered> {
    const url = this.#settings.base + checkedPath(call.path) + queryOf(call.query ?? {});
    const request = this.#request(call);
    for (let attempt = 1; ; attempt += 1) {
      const tried = await this.#try(url, request, options);
      const wait = waitAfter(this.#settings.retries, attempt, outcomeOf(tried), call.once);
      if (wait === null) return this.#end(url, tried, attempt, call, options);
      await sleep(wait, url, options.signal);
    }
  }

  #request(call: Call): RequestInit {
    const headers: Record<string, string> = { accept: 'application/json', ...this.#settings.headers };
    for (const [name, value] of Object.entries(call.headers ?? {})) {
      if (value !== undefined) headers[name] = headerValue(name, value);
    }
    if (call.body === undefined) return { method: call.method, headers, redirect: 'manual' };
    headers['content-type'] = 'application/json';
    return { method: call.method, headers, body: encode(call.body), redirect: 'manual' };
  }

  async #try(url: string, request: RequestInit, { signal, timeout }: CallOptions): Promise<Tried> {
    if (signal?.aborted) throw new AbortedError(url, signal.reason);
    const controller = new AbortController();
    const stop = () => controller.abort(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    let timedOut = false;
    const end = () => {
      timedOut = true;
      controller.abort();
    };
    const patience = timeout ?? this.#settings.timeout;
    const timer = patience <= LONGEST_TIMER ? setTimeout(end, patience) : undefined;
    try {
      return await Promise.race([this.#receive(url, request, controller.signal), rejection(controller.signal)]);
    } catch (failure) {
      if (signal?.aborted) throw new AbortedError(url, signal.reason);
      return { failure, timedOut };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  async #receive(url: string, request: RequestInit, signal: AbortSignal): Promise<Received> {
    const { fetch } = this.#settings;
    const response = await fetch(url, { ...request, signal });
    return { response, text: await response.text() };
  }

  #end(url: string, tried: Tried, attempt: number, call: Call, { timeout }: CallOptions): Answered {
    if ('response' in tried) {
      // What an earlier try has deleted, whose answer was lost, is not there any more.
      const isGone = call.method === 'DELETE' && attempt > 1 && tried.response.status === 404;
      return isGone ? { value: undefined, etag: null } : answered(url, tried);
    }
    if (tried.timedOut) throw new TimedOutError(url, attempt, timeout ?? this.#settings.timeout);
    throw new NoServerError(url, attempt, tried.failure);
  }
}

/** Ids are never parts like `..`, which every URL parser takes away, whatever they are written as. */
function checkedPath(path: string): string {
  if (!/\/\.{0,2}(\/|$)/.test(path)) return path;
  throw new InvalidArgumentError('an id is missing, or is `.` or `..`, which is no id');
}

/** Printable ASCII, which every HTTP stack takes; the value itself may be secret, so no message shows it. */
export function headerValue(name: string, value: string): string {
  if (/^[\x21-\x7e]+( +[\x21-\x7e]+)*$/.test(value)) return value;
  throw new InvalidArgumentError(`${name} must be visible ASCII characters`);
}

function answered(url: string, { response, text }: Received): Answered {
  const value = parsed(text);
  if (response.ok && (text === '' || isObject(value))) {
    return { value, etag: response.headers.get('etag') };
  }
  if (!response.ok && isObject(value) && typeof value['code'] === 'string' && typeof value['status'] === 'number') {
    throw problemError(complete('Problem', value) as Problem, waitAsked(response));
  }
  const redirect = response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400);
  throw new AnswerUnreadableError(
    url,
    response.status,
    redirect ? 'a redirect' : text.slice(0, 200) || 'an empty body',
  );
}

function outcomeOf(tried: Tried): Outcome {
  if (!('response' in tried)) return 'nothing';
  return { status: tried.response.status, retryAfter: waitAsked(tried.response) };
}

function waitAsked(response: Response): number | null {
  return retryAfter(response.headers.get('retry-after'), Date.now());
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function queryOf(query: NonNullable<Call['query']>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

/** Rejects when the signal is aborted, so that a fetch which does not look at it is not waited for. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

function sleep(milliseconds: number, url: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new AbortedError(url, signal?.reason));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
