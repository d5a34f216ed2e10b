/**
 * What a call can end in, apart from an answer.
 *
 * Rule: every error has a code for programs, and says what was tried and what to do; none holds the API key.
 */
import type { Finding, Problem, ProblemCode } from './generated/wire.js';

/** What this client finds by itself, before or without an answer of the server. */
export type LocalCode = 'Aborted' | 'AnswerUnreadable' | 'InvalidArgument' | 'NoServer' | 'NotConvertible' | 'TimedOut';

/** A newer server may have codes that this release does not know. */
export type ErrorCode = ProblemCode | LocalCode | (string & {});

interface Details {
  readonly wayOut?: string;
  readonly errors?: readonly Finding[];
  readonly cause?: unknown;
}

/** Everything that a method of this package rejects with. */
export class StateKeepError extends Error {
  override readonly name: string = 'StateKeepError';
  readonly code: ErrorCode;
  /** What to do about it, in a sentence. */
  readonly wayOut: string;
  /** All that is wrong, where more than one thing can be. */
  readonly errors: readonly Finding[];

  constructor(code: ErrorCode, message: string, { wayOut = '', errors = [], cause }: Details = {}) {
    super(sentence(code, message, errors, wayOut), cause === undefined ? undefined : { cause });
    this.code = code;
    this.wayOut = wayOut;
    this.errors = errors;
  }

  /** Where the first thing is that is wrong, as a JSON pointer; empty where that is the whole. */
  get pointer(): string {
    return this.errors[0]?.pointer ?? '';
  }
}

/** An argument that cannot be sent: a value that JSON does not have, a URL or a header that is none. */
export class InvalidArgumentError extends StateKeepError {
  override readonly name: string = 'InvalidArgumentError';

  constructor(message: string, errors: readonly Finding[] = [], cause?: unknown) {
    super('InvalidArgument', message, { errors, cause });
  }
}

/** A machine that cannot be written as JSON without losing what decides where an event leads. */
export class NotConvertibleError extends StateKeepError {
  override readonly name: string = 'NotConvertibleError';

  constructor(errors: readonly Finding[]) {
    const wayOut = 'Write these as plain JSON; functions are carried as actions, guards and actors only.';
    super('NotConvertible', 'the machine cannot be written as JSON', { errors, wayOut });
  }
}

/** The signal of the caller was aborted. Whether the server has done it is not known. */
export class AbortedError extends StateKeepError {
  override readonly name = 'AbortError';

  constructor(url: string, reason: unknown) {
    super('Aborted', `the call of ${url} was aborted`, { cause: reason });
  }
}

/** No answer came, after all tries. With the same idempotency key it can be asked again. */
export class NoServerError extends StateKeepError {
  override readonly name: string = 'NoServerError';
  readonly url: string;
  readonly tries: number;

  constructor(url: string, tries: number, cause: unknown, code: LocalCode = 'NoServer') {
    const times = tries === 1 ? 'once' : `${tries} times`;
    super(code, `${url} does not answer (tried ${times}): ${reasonOf(cause)}`, {
      cause,
      wayOut: 'Check the address and the network; the same idempotency key makes it safe to send again.',
    });
    this.url = url;
    this.tries = tries;
  }
}

/** No answer came in time, at the last of all tries. */
export class TimedOutError extends NoServerError {
  override readonly name = 'TimedOutError';

  constructor(url: string, tries: number, timeout: number) {
    super(url, tries, new Error(`nothing within ${timeout} ms`), 'TimedOut');
  }
}

/** Something answered that is no StateKeep server, or one much newer than this package. */
export class AnswerUnreadableError extends StateKeepError {
  override readonly name = 'AnswerUnreadableError';
  readonly status: number;

  constructor(url: string, status: number, found: string) {
    super('AnswerUnreadable', `${url} answered ${status} with something unreadable: ${found}`, {
      wayOut: 'Check that the address is that of a StateKeep server, and what stands in between.',
    });
    this.status = status;
  }
}

/** The server refused. The subclasses go by what a caller can do about it. */
export class ProblemError extends StateKeepError {
  override readonly name: string = 'ProblemError';
  readonly problem: Problem;
  readonly status: number;
  /** Seconds that the server asked to wait, where it did. */
  readonly retryAfter: number | null;

  constructor(problem: Problem, retryAfter: number | null = null) {
    const { code, detail, title, wayOut, errors } = problem;
    super(code, detail || title, { wayOut, errors });
    this.problem = problem;
    this.status = problem.status;
    this.retryAfter = retryAfter;
  }
}

/** 401: `KeyMissing`, `KeyUnknown`, `KeyRevoked`. */
export class AuthenticationError extends ProblemError {
  override readonly name = 'AuthenticationError';
}

/** 403: `RoleMissing`, `ForeignTenant`. */
export class PermissionError extends ProblemError {
  override readonly name = 'PermissionError';
}

/** 404: `UnknownActor`, `UnknownVersion`, and whatever else is not there. */
export class NotFoundError extends ProblemError {
  override readonly name = 'NotFoundError';
}

/** 409: what stands against it now. */
export class ConflictError extends ProblemError {
  override readonly name: string = 'ConflictError';
}

/** `TooManyStranded`: the gate `maxStranded` is closed, and nobody was moved. */
export class TooManyStrandedError extends ConflictError {
  override readonly name = 'TooManyStrandedError';
}

/** `PlanDrifted`: the plan is no longer the one of `expectPlan`, and nobody was moved. */
export class PlanDriftedError extends ConflictError {
  override readonly name = 'PlanDriftedError';
}

/** `ActorBlocked`: the actor is stranded, and its change-point blocks events. */
export class ActorBlockedError extends ConflictError {
  override readonly name = 'ActorBlockedError';
}

/** `Frozen`: somebody has pulled the brake of the workflow. */
export class FrozenError extends ConflictError {
  override readonly name = 'FrozenError';
}

/** 412 `StaleRevision`: the actor has changed since the ETag. */
export class StaleRevisionError extends ProblemError {
  override readonly name = 'StaleRevisionError';
}

/** 400, 413, 422: what was sent is wrong; `errors` says where. */
export class InvalidRequestError extends ProblemError {
  override readonly name: string = 'InvalidRequestError';
}

/** `InvalidDefinition`: the statechart is refused, with every reason in `errors`. */
export class InvalidDefinitionError extends InvalidRequestError {
  override readonly name = 'InvalidDefinitionError';
}

/** 429: `RateLimited`, `TooManyActors`, `TooManyCohorts`, `QueueOverflow`. */
export class LimitError extends ProblemError {
  override readonly name = 'LimitError';
}

/** 5xx and 408: the server could not. */
export class ServerError extends ProblemError {
  override readonly name = 'ServerError';
}

type ProblemClass = new (problem: Problem, retryAfter: number | null) => ProblemError;

const BY_CODE: ReadonlyMap<string, ProblemClass> = new Map<string, ProblemClass>([
  ['ActorBlocked', ActorBlockedError],
  ['Frozen', FrozenError],
  ['InvalidDefinition', InvalidDefinitionError],
  ['PlanDrifted', PlanDriftedError],
  ['TooManyStranded', TooManyStrandedError],
]);

const BY_STATUS: ReadonlyMap<number, ProblemClass> = new Map<number, ProblemClass>([
  [400, InvalidRequestError],
  [401, AuthenticationError],
  [403, PermissionError],
  [404, NotFoundError],
  [408, ServerError],
  [409, ConflictError],
  [412, StaleRevisionError],
  [413, InvalidRequestError],
  [422, InvalidRequestError],
  [429, LimitError],
]);

/** The error for a problem: by its code, else by its status. */
export function problemError(problem: Problem, retryAfter: number | null): ProblemError {
  const byStatus = BY_STATUS.get(problem.status) ?? (problem.status >= 500 ? ServerError : ProblemError);
  return new (BY_CODE.get(problem.code) ?? byStatus)(problem, retryAfter);
}

/**
 * Whether something that was thrown is an error of this package with one of these codes: of either of its builds, where
 * a program has loaded both.
 */
export function hasCode<Code extends ProblemCode | LocalCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is StateKeepError & { readonly code: Code } {
  if (!(error instanceof Error) || !('code' in error) || !('wayOut' in error)) return false;
  return (codes as readonly unknown[]).includes(error.code);
}

function sentence(code: string, message: string, errors: readonly Finding[], wayOut: string): string {
  const lines = errors.map((error) => `  ${error.pointer || '/'}: ${error.message}`);
  return [`${code}: ${message}`, ...lines, ...(wayOut ? [wayOut] : [])].join('\n');
}

/** What lies behind a failed fetch: the innermost cause that says anything. */
function reasonOf(error: unknown): string {
  let said = '';
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    said = at.message || codeOf(at) || said;
  }
  return said || String(error);
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
