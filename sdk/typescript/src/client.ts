/** The client: every operation of the HTTP API as a method, and what goes in and out of each. */
import { ActorHandle } from './actor.js';
import { toDefinition, type DefinitionInput } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import type { EventInput } from './events.js';
import { Exchange, headerValue, type Answered, type Call, type CallOptions } from './exchange.js';
import type {
  ActorAnswer,
  ActorItem,
  BatchAnswer,
  BatchEvent,
  ChangePointBody,
  CohortItem,
  DecisionItem,
  DefinitionAnswer,
  DeploymentAnswer,
  DeploymentBody,
  EventAnswer,
  Finding,
  GroupItem,
  HistoryItem,
  ImportAnswer,
  KeyAnswer,
  KeyBody,
  MeAnswer,
  MovedItem,
  OverviewAnswer,
  OverviewItem,
  PointAnswer,
  PreviewAnswer,
  RegistryDocument,
  RegistryExport,
  SpawnAnswer,
  StatesAnswer,
  StateValue,
  StepAnswer,
  WorkflowAnswer,
  WorkflowSummary,
} from './generated/wire.js';
import { newKey } from './idempotency.js';
import { Pages, type Page } from './pages.js';
import type { Retries } from './retries.js';
import { complete, type ShapeName } from './shapes.js';

export interface ClientOptions {
  /** Where the server is, with any path prefix: `https://statekeep.example`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** For the operator's key only: the tenant that is meant. */
  readonly tenant?: string | undefined;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds for each try; Infinity for as long as it takes. Default: 10,000. */
  readonly timeout?: number | undefined;
  /** How many further tries a call gets when no answer came or the server asks for it. Default: 4. */
  readonly retries?: number | Retries | undefined;
}

/** Options of a call that writes. */
export interface WriteOptions extends CallOptions {
  /** The same key with the same content is done once. Default: a new one for each call, kept through its tries. */
  readonly idempotencyKey?: string | undefined;
}

export interface SendOptions extends WriteOptions {
  /** A JSON merge patch on the actor's context: `null` removes a member. */
  readonly context?: object | undefined;
  /** Kept, sealed, where the workflow has `journal: 'Full'`. */
  readonly data?: unknown;
  /** The `etag` of an answer: the event only happens if nothing has happened since. */
  readonly ifMatch?: string | undefined;
}

export type RescueOptions = WriteOptions;

/** Options of a list. */
export interface ReadOptions extends CallOptions {
  /** Begin at this cursor. */
  readonly cursor?: string | undefined;
  /** Items a page, 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined;
}

export interface InWorkflow {
  readonly workflow?: string | undefined;
}

export interface ActorFilter extends InWorkflow {
  readonly definitionId?: string | undefined;
  readonly status?: ActorItem['status'] | undefined;
  /** A state value, or a dotted path that is active. */
  readonly state?: string | undefined;
  /** Of those in need of a rescue: why. */
  readonly reason?: string | undefined;
}

/** How the actors in flight come to a version, what may be lost on the way, and the policies of the version. */
export type DeployOptions = CallOptions & {
  readonly [Member in Exclude<keyof DeploymentBody, 'id' | 'definition' | 'definitionJSON'>]?:
    DeploymentBody[Member] | undefined;
};

export type PreviewOptions = DeployOptions & ReadOptions;

/** An answer about an actor, with its ETag: it changes with every event and every migration. */
export type Stamped<Answer> = Answer & { readonly etag: string | null };

/** One actor; `context` is null for keys that may not see it. */
export type Actor<Context extends object = Record<string, unknown>> = Omit<ActorAnswer, 'context'> & {
  readonly context: Context | null;
};

/** A client of one server, with the rights of one API key. */
export function createClient(options: ClientOptions): Client {
  return new Client(options);
}

export class Client {
  readonly #exchange: Exchange;

  constructor({ baseUrl, apiKey, tenant, fetch: given, timeout = 10_000, retries = 4 }: ClientOptions) {
    const headers: Record<string, string> = {};
    if (apiKey !== undefined) headers['x-api-key'] = headerValue('apiKey', apiKey);
    if (tenant !== undefined) headers['x-statekeep-tenant'] = headerValue('tenant', tenant);
    const asked = typeof retries === 'number' ? { retries } : retries;
    this.#exchange = new Exchange({
      base: baseOf(baseUrl),
      headers,
      // Called as a function of its own: browsers refuse a fetch that is called as a method of something else.
      fetch: given ?? ((input, init) => globalThis.fetch(input, init)),
      timeout,
      retries: { retries: 4, firstWait: 100, ceiling: 5_000, chance: Math.random, ...asked },
    });
  }

  // ---- versions and change-points ----

  /** Register a version, and move whom it concerns. The same content again is no change. */
  deploy(id: string, definition: DefinitionInput, options: DeployOptions = {}): Promise<DeploymentAnswer> {
    return this.#register('/v1/definitions', 'DeploymentAnswer', id, definition, options);
  }

  /** What `deploy` with the same arguments would do; nothing is written. */
  preview(id: string, definition: DefinitionInput, options: PreviewOptions = {}): Promise<PreviewAnswer> {
    return this.#register('/v1/definitions/preview', 'PreviewAnswer', id, definition, options);
  }

  definition(id: string, options?: CallOptions): Promise<DefinitionAnswer> {
    return this.#ask('DefinitionAnswer', get(`/v1/definitions/${part(id)}`), options);
  }

  definitions(options: ReadOptions & InWorkflow = {}): Pages<DefinitionAnswer> {
    return this.#list('DefinitionAnswer', '/v1/definitions', options, { workflow: options.workflow });
  }

  /** Register a change-point between versions that are there, and move whom it concerns. */
  changePoint(body: ChangePointBody, options?: CallOptions): Promise<DeploymentAnswer> {
    return this.#ask('DeploymentAnswer', post('/v1/change-points', body), options);
  }

  /** What `changePoint` of this body would do; nothing is written. */
  previewChangePoint(body: ChangePointBody, options: ReadOptions = {}): Promise<PreviewAnswer> {
    const call = post('/v1/change-points/preview', body, undefined, pageQuery(options));
    return this.#ask('PreviewAnswer', call, options);
  }

  getChangePoint(name: string, options: CallOptions & InWorkflow = {}): Promise<PointAnswer> {
    return this.#ask('PointAnswer', get(`/v1/change-points/${part(name)}`, { workflow: options.workflow }), options);
  }

  changePoints(options: ReadOptions & InWorkflow = {}): Pages<PointAnswer> {
    return this.#list('PointAnswer', '/v1/change-points', options, { workflow: options.workflow });
  }

  /** Close a change-point: from now on it picks nobody. */
  close(name: string, options: CallOptions & InWorkflow = {}): Promise<PointAnswer> {
    const call = post(`/v1/change-points/${part(name)}/close`, {}, undefined, { workflow: options.workflow });
    return this.#ask('PointAnswer', call, options);
  }

  /** What a registration did, or how far it is. */
  deployment(id: string, options: CallOptions & InWorkflow = {}): Promise<DeploymentAnswer> {
    return this.#ask('DeploymentAnswer', get(`/v1/deployments/${part(id)}`, { workflow: options.workflow }), options);
  }

  /** Who moved, stayed or stranded by a registration. */
  deploymentActors(id: string, verdict: MovedItem['verdict'], options: ReadOptions = {}): Pages<MovedItem> {
    return this.#list('MovedItem', `/v1/deployments/${part(id)}/actors`, options, { verdict });
  }

  // ---- actors ----

  /** A new actor; answers its id. */
  async spawn(definitionId: string, context: object = {}, options?: WriteOptions): Promise<string> {
    return (await this.spawnActor(definitionId, context, options)).actorId;
  }

  /** A new actor; answers where it is. */
  spawnActor(definitionId: string, context: object = {}, options?: WriteOptions): Promise<Stamped<SpawnAnswer>> {
    const body = { definitionId, initialContext: context };
    return this.#stamped('SpawnAnswer', post('/v1/actors', body, options), options);
  }

  /**
   * Send one event: its type, or an object whose members besides `type` are its data. What is not accepted changes
   * nothing, and is no error: see `accepted`.
   */
  async send<Machine = unknown>(
    actorId: string,
    event: EventInput<Machine>,
    options: SendOptions = {},
  ): Promise<Stamped<EventAnswer>> {
    const body = { ...eventOf(event, options.data), context: options.context };
    const call = post(`/v1/actors/${part(actorId)}/event`, body, options);
    const headers = { ...call.headers, 'if-match': options.ifMatch };
    return this.#stamped('EventAnswer', { ...call, headers }, options);
  }

  /** Events for many actors; one answer or problem each, in their order. */
  async sendMany(events: Iterable<BatchEvent>, options?: CallOptions): Promise<BatchAnswer> {
    const keyed = Array.from(events, (event) => ({ ...event, idempotencyKey: event.idempotencyKey ?? newKey() }));
    return this.#ask('BatchAnswer', post('/v1/events', { events: keyed }), options);
  }

  /** One actor. Name the type of its context if you know it. */
  get<Context extends object = Record<string, unknown>>(
    actorId: string,
    options?: CallOptions,
  ): Promise<Stamped<Actor<Context>>> {
    return this.#stamped('ActorAnswer', get(`/v1/actors/${part(actorId)}`), options);
  }

  /** One actor by its id, with the events of its machine: `client.actor<typeof machine>(id).send('SUBMIT')`. */
  actor<Machine = unknown>(actorId: string): ActorHandle<Machine> {
    return new ActorHandle<Machine>(this, actorId);
  }

  actors(options: ReadOptions & ActorFilter = {}): Pages<ActorItem> {
    return this.#list('ActorItem', '/v1/actors', options, filterQuery(options));
  }

  /** How many actors there are in each state of each version. */
  groups(options: ReadOptions & ActorFilter = {}): Pages<GroupItem> {
    return this.#list('GroupItem', '/v1/actors', options, { ...filterQuery(options), groupBy: 'stateValue' });
  }

  /** Who is in need of a rescue, with the reason. */
  stranded(options: ReadOptions & Omit<ActorFilter, 'status'> = {}): Pages<ActorItem> {
    return this.actors({ ...options, status: 'needs_rescue' });
  }

  /** The accepted events of an actor, oldest first. */
  history(actorId: string, options: ReadOptions = {}): Pages<HistoryItem> {
    return this.#list('HistoryItem', `/v1/actors/${part(actorId)}/history`, options);
  }

  /** Everything that was decided about an actor, oldest first. */
  decisions(actorId: string, options: ReadOptions = {}): Pages<DecisionItem> {
    return this.#list('DecisionItem', `/v1/actors/${part(actorId)}/decisions`, options);
  }

  /** Put one actor where a person says; `reason` is written down. */
  rescue(
    actorId: string,
    to: string,
    stateValue: StateValue,
    reason: string,
    options?: RescueOptions,
  ): Promise<Stamped<StepAnswer>> {
    const call = post(`/v1/actors/${part(actorId)}/rescue`, { to, stateValue, reason }, options);
    return this.#stamped('StepAnswer', call, options);
  }

  /** Let an actor go, with its context and its history. */
  async delete(actorId: string, options?: CallOptions): Promise<void> {
    await this.#exchange.do({ method: 'DELETE', path: `/v1/actors/${part(actorId)}` }, options);
  }

  // ---- workflows, classes, keys ----

  /** What is registered of a workflow, and how many actors are where. */
  workflow(id: string, options?: CallOptions): Promise<WorkflowSummary> {
    return this.#ask('WorkflowSummary', get(`/v1/workflows/${part(id)}`), options);
  }

  /** All workflows with how many actors there are, counted lately. */
  overviews(options: ReadOptions = {}): Pages<OverviewItem> {
    return this.#list('OverviewItem', '/v1/overview', options);
  }

  /** One workflow by version and by kind of stranding, counted lately. */
  overview(workflow: string, options?: CallOptions): Promise<OverviewAnswer> {
    return this.#ask('OverviewAnswer', get(`/v1/overview/${part(workflow)}`), options);
  }

  /** How many actors are in each state of a version, counted lately. */
  states(workflow: string, definitionId: string, options?: CallOptions): Promise<StatesAnswer> {
    return this.#ask('StatesAnswer', get(`/v1/overview/${part(workflow)}/states`, { definitionId }), options);
  }

  /** Stop registrations and landings of a workflow; events go on. */
  freeze(workflow: string, reason: string, options?: CallOptions): Promise<WorkflowAnswer> {
    return this.#ask('WorkflowAnswer', post(`/v1/workflows/${part(workflow)}/freeze`, { reason }), options);
  }

  /** Let a workflow go on, and evaluate what is due. */
  unfreeze(workflow: string, options?: CallOptions): Promise<WorkflowAnswer> {
    return this.#ask('WorkflowAnswer', post(`/v1/workflows/${part(workflow)}/unfreeze`, {}), options);
  }

  /** The classes of actors that are there; with `digest` in the form that `statekeep plan` reads. */
  cohorts(
    options: ReadOptions & InWorkflow & { definitionId?: string | undefined; digest?: boolean | undefined } = {},
  ): Pages<CohortItem> {
    const { workflow, definitionId, digest } = options;
    return this.#list('CohortItem', '/v1/cohorts', options, { workflow, definitionId, digest: digest || undefined });
  }

  /** Make an API key of this tenant; `key` is answered this once. Where no answer came there may be one all the same. */
  createKey(roles: KeyBody['roles'], name = '', options?: CallOptions): Promise<KeyAnswer> {
    return this.#ask('KeyAnswer', { ...post('/v1/keys', { roles, name }), once: true }, options);
  }

  keys(options: ReadOptions = {}): Pages<KeyAnswer> {
    return this.#list('KeyAnswer', '/v1/keys', options);
  }

  async revokeKey(id: string, options?: CallOptions): Promise<void> {
    await this.#exchange.do({ method: 'DELETE', path: `/v1/keys/${part(id)}` }, options);
  }

  /** Whose key this is, and what it may do. */
  me(options?: CallOptions): Promise<MeAnswer> {
    return this.#ask('MeAnswer', get('/v1/me'), options);
  }

  /** Everything that is registered, entry by entry. The order of the keys in it means something. */
  exportRegistry(options: CallOptions & InWorkflow = {}): Promise<RegistryExport> {
    return this.#ask('RegistryExport', get('/v1/registry', { workflow: options.workflow }), options);
  }

  /** Enter an exported registry where its workflows are unknown; what is there already is left alone. */
  importRegistry(document: RegistryExport | RegistryDocument, options?: CallOptions): Promise<ImportAnswer> {
    return this.#ask('ImportAnswer', post('/v1/registry', document), options);
  }

  // ---- parts ----

  async #ask<Answer>(shape: ShapeName, call: Call, options: CallOptions | undefined): Promise<Answer> {
    const { value } = await this.#exchange.do(call, options);
    return complete(shape, value) as Answer;
  }

  async #stamped<Answer>(shape: ShapeName, call: Call, options: CallOptions | undefined): Promise<Stamped<Answer>> {
    const { value, etag }: Answered = await this.#exchange.do(call, options);
    return { ...(complete(shape, value) as Answer), etag };
  }

  #list<Item>(shape: ShapeName, path: string, options: ReadOptions, filter: Query = {}): Pages<Item> {
    const { cursor: start, limit, signal, timeout } = options;
    const load = async (cursor: string | null): Promise<Page<Item>> => {
      const query = { ...filter, limit, cursor };
      const { value } = await this.#exchange.do({ method: 'GET', path, query }, { signal, timeout });
      const { items, next } = value as { items: readonly unknown[]; next?: string | null };
      return { items: complete(shape, items) as Item[], next: next ?? null };
    };
    return new Pages(load, start ?? null);
  }

  async #register<Answer extends { readonly warnings: DeploymentAnswer['warnings'] }>(
    path: string,
    shape: ShapeName,
    id: string,
    definition: DefinitionInput,
    options: PreviewOptions,
  ): Promise<Answer> {
    const { signal, timeout, cursor, limit, ...gate } = options;
    const { written, warnings } = writtenDefinition(definition);
    const call = post(path, { id, ...gate, ...written }, undefined, { cursor, limit });
    const answer = await this.#ask<Answer>(shape, call, { signal, timeout });
    const ours = warnings.map((warning) => ({ ...warning, changePoint: null }));
    return { ...answer, warnings: [...ours, ...answer.warnings] };
  }
}

type Query = NonNullable<Call['query']>;

function baseOf(baseUrl: string): string {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch (cause) {
    throw new InvalidArgumentError(`baseUrl is no URL: write https://…`, [], cause);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InvalidArgumentError(`baseUrl begins with ${url.protocol}// and must begin with http:// or https://`);
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function writtenDefinition(definition: DefinitionInput): { written: object; warnings: readonly Finding[] } {
  if (typeof definition === 'string') return { written: { definitionJSON: definition }, warnings: [] };
  if (typeof definition !== 'object' || definition === null) {
    throw new InvalidArgumentError('a definition is a machine, an object or JSON text');
  }
  const { definition: plain, warnings } = toDefinition(definition);
  return { written: { definition: plain }, warnings };
}

function eventOf(event: unknown, data: unknown): { type: string; data?: unknown } {
  if (typeof event === 'string') return data === undefined ? { type: event } : { type: event, data };
  if (typeof event !== 'object' || event === null) {
    throw new InvalidArgumentError('an event is its type, or an object with a type');
  }
  const { type, ...payload } = event as { type: string };
  if (typeof type !== 'string') throw new InvalidArgumentError('the type of an event is a string');
  if (Object.keys(payload).length === 0) return eventOf(type, data);
  if (data === undefined) return { type, data: payload };
  throw new InvalidArgumentError('the data of an event stands in the event or in the option `data`, not in both');
}

function get(path: string, query: Query = {}): Call {
  return { method: 'GET', path, query };
}

function post(path: string, body: unknown, options: WriteOptions = {}, query: Query = {}): Call {
  const headers = { 'idempotency-key': options.idempotencyKey ?? newKey() };
  return { method: 'POST', path, body, headers, query };
}

function pageQuery({ cursor, limit }: ReadOptions): Query {
  return { cursor, limit };
}

function filterQuery({ workflow, definitionId, status, state, reason }: ActorFilter): Query {
  return { workflow, definitionId, status, state, reason };
}

/** One part of a path. Half a surrogate pair, which no id has, becomes what stands for it everywhere. */
function part(name: string): string {
  return encodeURIComponent(String(name ?? '').replace(/\p{Surrogate}/gu, '\ufffd'));
}
