// Written by tools/write_sdk_types.py from docs/openapi.json; a test holds them alike.

/** A state value as XState writes it: a name, or an object with a value for each key. */
export type StateValue = string | { readonly [key: string]: StateValue };

/** Any JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** The codes of the problems that this release knows. */
export type ProblemCode =
  | 'ActorBlocked'
  | 'ActorDone'
  | 'ActorExists'
  | 'AmbiguousAnchors'
  | 'AmbiguousName'
  | 'AnchorNotAccepted'
  | 'BackwardMigration'
  | 'BodyTooLarge'
  | 'Busy'
  | 'ChangePointExists'
  | 'DefinitionExists'
  | 'EventTypeTooLong'
  | 'ForeignTenant'
  | 'Frozen'
  | 'HeadTooLarge'
  | 'HistoryTooLong'
  | 'IdempotencyConflict'
  | 'IllegalState'
  | 'Internal'
  | 'InvalidCursor'
  | 'InvalidDefinition'
  | 'InvalidEventType'
  | 'InvalidHttp'
  | 'InvalidIdempotencyKey'
  | 'InvalidIfMatch'
  | 'InvalidJson'
  | 'InvalidNumber'
  | 'InvalidQuery'
  | 'InvalidRequest'
  | 'InvalidTenant'
  | 'KeyMissing'
  | 'KeyRevoked'
  | 'KeyUnavailable'
  | 'KeyUnknown'
  | 'LandingNotStable'
  | 'LoneSurrogate'
  | 'MappingHistoryTarget'
  | 'MappingUnknownSource'
  | 'MappingUnknownTarget'
  | 'MethodNotAllowed'
  | 'NotStable'
  | 'OwnedByResource'
  | 'PlanDrifted'
  | 'QueueOverflow'
  | 'RateLimited'
  | 'RefinementChangesPoint'
  | 'RegistryNotEmpty'
  | 'RoleMissing'
  | 'SlowBody'
  | 'SlowHead'
  | 'StaleRevision'
  | 'StoreMismatch'
  | 'Tampered'
  | 'TenantMissing'
  | 'TooDeep'
  | 'TooLarge'
  | 'TooManyActors'
  | 'TooManyCohorts'
  | 'TooManyEvents'
  | 'TooManyStranded'
  | 'Unavailable'
  | 'UnknownActor'
  | 'UnknownChangePoint'
  | 'UnknownDeployment'
  | 'UnknownKey'
  | 'UnknownRegion'
  | 'UnknownRoute'
  | 'UnknownVersion'
  | 'UnknownWorkflow'
  | 'UnsupportedEncoding'
  | 'WorkflowMismatch';

/** A kind of stranding that the author accepts. */
export interface Accepted {
  readonly version: string;
  readonly state: StateValue;
  readonly reason: string;
  readonly max?: number | null;
}

/** One actor. `context` is there for keys that may see it. */
export interface ActorAnswer {
  readonly id: string;
  readonly actorId: string;
  readonly workflow: string;
  readonly version: string;
  readonly stateValue: StateValue;
  readonly status: 'active' | 'done' | 'needs_rescue';
  readonly revision: number;
  readonly stranding: Stranding | null;
  readonly historyLength: number;
  readonly queued: number;
  readonly context: JsonObject | null;
}

/** An actor in a listing, without its context. */
export interface ActorItem {
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly stateValue: StateValue;
  readonly status: 'active' | 'done' | 'needs_rescue';
  readonly reason: string | null;
}

/** As many items as events, in their order. */
export interface BatchAnswer {
  readonly items: ReadonlyArray<BatchItem>;
}

/** One event of a batch. */
export interface BatchEvent {
  readonly type: string;
  readonly context?: JsonObject | null;
  readonly data?: unknown;
  readonly actorId: string;
  readonly idempotencyKey?: string | null;
}

/** Events for many actors, each a `BatchEvent`, judged one by one and answered in this order. */
export interface BatchFrame {
  readonly events: ReadonlyArray<BatchEvent>;
}

/** The answer to one event of a batch: its `status`, and either an answer or a problem. */
export interface BatchItem {
  readonly actorId: string;
  readonly status: number;
  readonly answer: EventAnswer | null;
  readonly problem: Problem | null;
}

/** One line of the breakdown of a registration. */
export interface ByState {
  readonly version: string;
  readonly state: string;
  readonly verdict: 'migrated' | 'stayed' | 'stranded';
  readonly reason: string | null;
  readonly count: number;
}

/** A change-point written by hand (`POST /v1/change-points`). */
export interface ChangePointBody {
  readonly maxStranded?: number | string | null;
  readonly expectPlan?: string | null;
  readonly accept?: ReadonlyArray<Accepted> | null;
  readonly historyPath?: ReadonlyArray<string>;
  readonly regions?: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly stateMapping?: Readonly<Record<string, string | ReadonlyArray<string>>>;
  readonly landing?: 'Replay' | 'Same' | 'MappingOnly' | null;
  readonly rescues?: boolean;
  readonly evaluation?: 'Continuous' | 'Once';
  readonly whileStranded?: 'Continue' | 'Block' | 'Buffer';
  readonly name: string;
  readonly workflow?: string | null;
  readonly from?: string | null;
  readonly to: string;
  readonly refines?: string | null;
  readonly owner?: Owner | null;
}

/** A cohort: what its actors share, without anything of theirs. `form` is the cohort as text, for `statekeep plan`; it stands there when asked for. */
export interface CohortItem {
  readonly workflow: string;
  readonly version: string;
  readonly position: number;
  readonly stateValue: StateValue;
  readonly status: 'active' | 'done' | 'needs_rescue';
  readonly fingerprint: string;
  readonly historyLength: number;
  readonly stranding: Stranding | null;
  readonly count: number;
  readonly form: string | null;
}

/** How many actors a plan concerns, by what would become of them. */
export interface Counts {
  readonly wouldMigrate: number;
  readonly wouldStay: number;
  readonly wouldStrand: number;
}

/** The audit record of one verdict for one actor; `changePoint` is null for a person's. */
export interface DecisionItem {
  readonly changePoint: string | null;
  readonly clock: number;
  readonly verdict: 'migrated' | 'stayed' | 'stranded';
  readonly from: string;
  readonly to: string | null;
  readonly reason: string | null;
  readonly message: string;
  readonly rescued: boolean;
  readonly fingerprint: string;
  readonly anchorHash: string;
  readonly fromState: StateValue | null;
  readonly toState: StateValue | null;
  readonly deployment: string | null;
  readonly planHash: string | null;
  readonly note: string | null;
  readonly at: number;
  readonly by: string;
}

/** A registered version; `definition` stands in the answer for one version only. */
export interface DefinitionAnswer {
  readonly id: string;
  readonly workflow: string;
  readonly clock: number;
  readonly digest: string;
  readonly guards: 'Ignore' | 'Deny';
  readonly journal: 'Types' | 'Full';
  readonly definition: JsonObject | null;
  readonly eventTypes: ReadonlyArray<string>;
  readonly actors: Readonly<Record<string, number>>;
  readonly owner: OwnedBy | null;
  readonly deployedBy: string;
  readonly deployedAt: number | null;
}

/** What a registration did. While `state` is `applying`, `applied` of `shards` are done. `heldSeconds` stands in the answer to whoever registered it: events waited no longer than that. */
export interface DeploymentAnswer {
  readonly id: string;
  readonly workflow: string;
  readonly clock: number;
  readonly unchanged: boolean;
  readonly digest: string | null;
  readonly changePoints: ReadonlyArray<PointAnswer>;
  readonly migrated: number;
  readonly stayed: number;
  readonly stranded: number;
  readonly planHash: string | null;
  readonly byState: ReadonlyArray<ByState>;
  readonly warnings: ReadonlyArray<Warned>;
  readonly state: 'applying' | 'done';
  readonly applied: number;
  readonly shards: number;
  readonly deployedBy: string;
  readonly deployedAt: number | null;
  readonly heldSeconds: number | null;
}

/** A version, and how actors that are in flight come to it (`POST /v1/definitions`). */
export interface DeploymentBody {
  readonly maxStranded?: number | string | null;
  readonly expectPlan?: string | null;
  readonly accept?: ReadonlyArray<Accepted> | null;
  readonly historyPath?: ReadonlyArray<string>;
  readonly regions?: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly stateMapping?: Readonly<Record<string, string | ReadonlyArray<string>>>;
  readonly landing?: 'Replay' | 'Same' | 'MappingOnly' | null;
  readonly rescues?: boolean;
  readonly evaluation?: 'Continuous' | 'Once';
  readonly whileStranded?: 'Continue' | 'Block' | 'Buffer';
  readonly id: string;
  readonly workflow?: string | null;
  readonly name?: string | null;
  readonly parentId?: string | null;
  readonly migrations?: ReadonlyArray<MigrationBody> | null;
  readonly definition?: JsonObject | null;
  readonly definitionJSON?: string | null;
  readonly keyOrder?: 'Written' | 'Lost';
  readonly guards?: 'Ignore' | 'Deny';
  readonly journal?: 'Types' | 'Full';
  readonly owner?: Owner | null;
}

/** What an event did. `queued` means that it waits for the rescue of a stranded actor. */
export interface EventAnswer {
  readonly actorId: string;
  readonly version: string;
  readonly stateValue: StateValue;
  readonly status: 'active' | 'done' | 'needs_rescue';
  readonly revision: number;
  readonly migrated: boolean;
  readonly via: ReadonlyArray<Hop>;
  readonly accepted: boolean;
  readonly queued: boolean;
}

/** An event for one actor; `context` is a JSON merge patch on the actor's context. */
export interface EventBody {
  readonly type: string;
  readonly context?: JsonObject | null;
  readonly data?: unknown;
}

/** Actors that a plan takes from one state to one other, or leaves there. */
export interface FlowItem {
  readonly version: string;
  readonly state: string;
  readonly verdict: 'migrated' | 'stayed' | 'stranded';
  readonly reason: string | null;
  readonly message: string;
  readonly toVersion: string;
  readonly toState: string;
  readonly count: number;
}

/** Why a workflow is stopped; it is shown to everybody who meets the brake. */
export interface FreezeBody {
  readonly reason: string;
}

/** Actors that are in the same state of the same version. */
export interface GroupItem {
  readonly workflow: string;
  readonly version: string;
  readonly stateValue: StateValue;
  readonly status: 'active' | 'done' | 'needs_rescue';
  readonly reason: string | null;
  readonly count: number;
}

/** Actors by status. */
export interface Headcount {
  readonly active: number;
  readonly done: number;
  readonly needs_rescue: number;
}

/** An accepted event; `at` and `data` where the workflow keeps a full journal. */
export interface HistoryItem {
  readonly type: string;
  readonly at: number | null;
  readonly data: unknown;
}

/** A change-point that somebody was led over. */
export interface Hop {
  readonly changePoint: string | null;
  readonly from: string;
  readonly to: string;
}

/** What an import brought. `unchanged` are workflows that were here already, entry for entry. */
export interface ImportAnswer {
  readonly uuid: string;
  readonly adopted: boolean;
  readonly workflows: ReadonlyArray<string>;
  readonly entries: number;
  readonly unchanged: ReadonlyArray<string>;
}

/** An API key; `key` itself is answered once, when it is created. */
export interface KeyAnswer {
  readonly id: string;
  readonly tenant: string;
  readonly roles: ReadonlyArray<'read' | 'send' | 'deploy' | 'admin' | 'operator'>;
  readonly name: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly revoked: boolean;
  readonly key: string | null;
}

/** A new API key of the caller's tenant. */
export interface KeyBody {
  readonly roles: ReadonlyArray<'read' | 'send' | 'deploy' | 'admin' | 'operator'>;
  readonly name?: string;
}

/** Whose key this is, and what it may do. */
export interface MeAnswer {
  readonly keyId: string;
  readonly tenant: string;
  readonly roles: ReadonlyArray<'read' | 'send' | 'deploy' | 'admin' | 'operator'>;
  readonly permissions: ReadonlyArray<string>;
}

/** One of several migrations of a deployment; its name is `<id>.<from>` if it has none. */
export interface MigrationBody {
  readonly historyPath?: ReadonlyArray<string>;
  readonly regions?: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly stateMapping?: Readonly<Record<string, string | ReadonlyArray<string>>>;
  readonly landing?: 'Replay' | 'Same' | 'MappingOnly' | null;
  readonly rescues?: boolean;
  readonly evaluation?: 'Continuous' | 'Once';
  readonly whileStranded?: 'Continue' | 'Block' | 'Buffer';
  readonly name?: string | null;
  readonly from: string;
}

/** An actor that a deployment concerned. */
export interface MovedItem {
  readonly id: string;
  readonly verdict: 'migrated' | 'stayed' | 'stranded';
}

/** One workflow. Only versions with actors are listed; `law` changes with what can decide. `stuck` lists the 500 largest kinds; `stuckKinds` says how many there are. */
export interface OverviewAnswer {
  readonly workflow: string;
  readonly clock: number;
  readonly frozen: boolean;
  readonly reason: string | null;
  readonly versions: number;
  readonly changePoints: number;
  readonly actors: Headcount;
  readonly at: number;
  readonly law: number;
  readonly byVersion: ReadonlyArray<VersionCount>;
  readonly stuck: ReadonlyArray<StuckItem>;
  readonly stuckKinds: number;
}

/** A workflow in a list: how much there is of it. `at` is when this was counted. */
export interface OverviewItem {
  readonly workflow: string;
  readonly clock: number;
  readonly frozen: boolean;
  readonly reason: string | null;
  readonly versions: number;
  readonly changePoints: number;
  readonly actors: Headcount;
  readonly at: number;
}

/** What one of several change-points of a registration did to those whom it picked. */
export interface OwnCounts {
  readonly migrated: number;
  readonly stayed: number;
  readonly stranded: number;
}

/** The same in an answer: a newer server may say more of it. */
export interface OwnedBy {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
}

/** The custom resource that owns a registration; only the operator's key may name one. */
export interface Owner {
  readonly kind: 'WorkflowDefinition' | 'ChangePoint';
  readonly name: string;
  readonly uid?: string;
  readonly generation?: number;
}

/** A registered change-point; `result` stands there where it is read by itself. */
export interface PointAnswer {
  readonly name: string;
  readonly workflow: string;
  readonly clock: number;
  readonly from: string;
  readonly to: string;
  readonly refinement: number;
  readonly refines: string | null;
  readonly historyPath: ReadonlyArray<string>;
  readonly regions: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly stateMapping: Readonly<Record<string, ReadonlyArray<string>>>;
  readonly landing: 'Replay' | 'Same' | 'MappingOnly';
  readonly landingDefaulted: boolean;
  readonly rescues: boolean;
  readonly evaluation: 'Continuous' | 'Once';
  readonly whileStranded: 'Continue' | 'Block' | 'Buffer';
  readonly closed: boolean;
  readonly anchorHash: string;
  readonly owner: OwnedBy | null;
  readonly result: PointResult | null;
  readonly deployedBy: string;
  readonly deployedAt: number | null;
}

/** What the registration of a change-point did, together with those of the same clock. */
export interface PointResult {
  readonly planHash: string | null;
  readonly migrated: number;
  readonly stayed: number;
  readonly stranded: number;
}

/** A change-point, and what its registration did (together with those of the same clock). `own` is its own part of that, where several were registered together. */
export interface PointSummary {
  readonly name: string;
  readonly clock: number;
  readonly from: string;
  readonly to: string;
  readonly refinement: number;
  readonly closed: boolean;
  readonly anchorHash: string;
  readonly planHash: string | null;
  readonly migrated: number;
  readonly stayed: number;
  readonly stranded: number;
  readonly own: OwnCounts | null;
  readonly owner: OwnedBy | null;
}

/** What a registration would do; nothing was written. */
export interface PreviewAnswer {
  readonly workflow: string;
  readonly migration: Would;
  readonly counts: Counts;
  readonly planHash: string;
  readonly unchanged: boolean;
  readonly byState: ReadonlyArray<ByState>;
  readonly flows: ReadonlyArray<FlowItem>;
  readonly unlandable: ReadonlyArray<Unlandable>;
  readonly changePoints: ReadonlyArray<PointAnswer>;
  readonly warnings: ReadonlyArray<Warned>;
}

/** RFC 9457, with the code that programs read and the way out that people read. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly wayOut: string;
  readonly errors: ReadonlyArray<Finding>;
  readonly instance: string | null;
}

/** One of the things that are wrong, and where. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly pointer: string;
}

/** Everything that is registered of one workflow, oldest first, and its clock. */
export interface RegistryBook {
  readonly workflow: string;
  readonly clock: number;
  readonly entries: ReadonlyArray<RegistryEntry>;
}

/** A tenant's registry, whole. The order of keys in bodies means something: keep it. */
export interface RegistryDocument {
  readonly format: number;
  readonly uuid: string;
  readonly workflows: ReadonlyArray<RegistryBook>;
}

/** One line of a workflow's registry, as it was written down. */
export interface RegistryEntry {
  readonly kind: 'deployment' | 'migrations' | 'point' | 'close' | 'freeze' | 'unfreeze' | 'owner';
  readonly name: string;
  readonly clock: number;
  readonly law: number;
  readonly body: JsonObject;
  readonly by: string;
  readonly at: number;
  readonly result: JsonObject;
}

/** The same as an answer. */
export interface RegistryExport {
  readonly format: number;
  readonly uuid: string;
  readonly workflows: ReadonlyArray<JsonObject>;
}

/** A rescue by hand; a partial state value is completed by initial states. */
export interface RescueBody {
  readonly to: string;
  readonly stateValue?: StateValue;
  readonly reason: string;
}

/** A new actor; `id` and `actorId` are the same. */
export interface SpawnAnswer {
  readonly actorId: string;
  readonly version: string;
  readonly stateValue: StateValue;
  readonly status: 'active' | 'done' | 'needs_rescue';
  readonly revision: number;
  readonly migrated: boolean;
  readonly via: ReadonlyArray<Hop>;
  readonly id: string;
}

/** A new actor (`POST /v1/actors`). */
export interface SpawnBody {
  readonly definitionId: string;
  readonly initialContext?: JsonObject;
}

/** The actors in which a state is active, by its dotted path; compound states count too. */
export interface StateCount {
  readonly path: string;
  readonly actors: Headcount;
}

/** How many actors are in each state of a version. */
export interface StatesAnswer {
  readonly workflow: string;
  readonly version: string;
  readonly actors: Headcount;
  readonly states: ReadonlyArray<StateCount>;
  readonly at: number;
}

/** Where an actor is after something happened to it. */
export interface StepAnswer {
  readonly actorId: string;
  readonly version: string;
  readonly stateValue: StateValue;
  readonly status: 'active' | 'done' | 'needs_rescue';
  readonly revision: number;
  readonly migrated: boolean;
  readonly via: ReadonlyArray<Hop>;
}

/** Actors that are stranded by one change-point, in one state, for one reason. */
export interface StrandedItem {
  readonly changePoint: string;
  readonly version: string;
  readonly state: string;
  readonly reason: string;
  readonly count: number;
}

/** Why an actor is stranded: the change-point that picked it, and where it was to go. */
export interface Stranding {
  readonly changePoint: string;
  readonly reason: string;
  readonly message: string;
  readonly way: ReadonlyArray<string>;
}

/** Actors that are stranded alike. */
export interface StuckItem {
  readonly version: string;
  readonly state: string;
  readonly reason: string;
  readonly changePoint: string;
  readonly count: number;
}

/** A kind of stranding that the rules allow, whether or not an actor is there now. */
export interface Unlandable {
  readonly version: string;
  readonly state: string;
  readonly reason: string;
}

/** The actors of a version. */
export interface VersionCount {
  readonly id: string;
  readonly clock: number;
  readonly actors: Headcount;
}

/** A version, and its actors by status. */
export interface VersionSummary {
  readonly id: string;
  readonly clock: number;
  readonly digest: string;
  readonly actors: Readonly<Record<string, number>>;
  readonly owner: OwnedBy | null;
}

/** Something that a deployment may do but that its author should know. */
export interface Warned {
  readonly code: string;
  readonly message: string;
  readonly pointer: string | null;
  readonly changePoint: string | null;
  readonly count: number | null;
}

/** A workflow and its brake. */
export interface WorkflowAnswer {
  readonly workflow: string;
  readonly clock: number;
  readonly frozen: boolean;
  readonly reason: string | null;
}

/** A whole workflow at one look. `law` changes with all that can change a verdict. */
export interface WorkflowSummary {
  readonly workflow: string;
  readonly clock: number;
  readonly frozen: boolean;
  readonly reason: string | null;
  readonly registry: string;
  readonly law: number;
  readonly versions: ReadonlyArray<VersionSummary>;
  readonly points: ReadonlyArray<PointSummary>;
  readonly stranded: ReadonlyArray<StrandedItem>;
}

/** Ids of the actors concerned, bounded; `next` continues all three lists. */
export interface Would {
  readonly wouldMigrate: ReadonlyArray<string>;
  readonly wouldStay: ReadonlyArray<string>;
  readonly wouldStrand: ReadonlyArray<string>;
  readonly next: string | null;
}
