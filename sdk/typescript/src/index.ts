/**
 * A client of StateKeep, and XState machines as its definitions.
 *
 *     const client = createClient({ baseUrl: 'http://127.0.0.1:8000', apiKey });
 *     const actorId = await client.spawn('loan-v1', { amount: 50_000 });
 *     const { stateValue } = await client.send(actorId, 'SUBMIT_INFO');
 */
export { ActorHandle } from './actor.js';
export { Client, createClient } from './client.js';
export type {
  Actor,
  ActorFilter,
  ClientOptions,
  DeployOptions,
  InWorkflow,
  PreviewOptions,
  ReadOptions,
  RescueOptions,
  SendOptions,
  Stamped,
  WriteOptions,
} from './client.js';
export { toDefinition } from './definition.js';
export type { Converted, DefinitionInput, MachineLike } from './definition.js';
export {
  AbortedError,
  ActorBlockedError,
  AnswerUnreadableError,
  AuthenticationError,
  ConflictError,
  FrozenError,
  hasCode,
  InvalidArgumentError,
  InvalidDefinitionError,
  InvalidRequestError,
  LimitError,
  NoServerError,
  NotConvertibleError,
  NotFoundError,
  PermissionError,
  PlanDriftedError,
  ProblemError,
  ServerError,
  StaleRevisionError,
  StateKeepError,
  TimedOutError,
  TooManyStrandedError,
} from './errors.js';
export type { ErrorCode, LocalCode } from './errors.js';
export type { AnyEvent, EventInput, EventOf, EventTypeOf } from './events.js';
export type { CallOptions } from './exchange.js';
export type * from './generated/wire.js';
export { Pages } from './pages.js';
export type { Page } from './pages.js';
export type { Retries } from './retries.js';
