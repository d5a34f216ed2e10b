// What the server answers, as far as the dashboard reads it. Members it does not know are ignored.

export type Status = "active" | "done" | "needs_rescue";
export type Verdict = "migrated" | "stayed" | "stranded";
export type StateValue = string | { [key: string]: StateValue };

export interface Headcount {
  active: number;
  done: number;
  needs_rescue: number;
}

export interface Me {
  keyId: string;
  tenant: string;
  roles: string[];
  permissions: string[];
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface OverviewItem {
  workflow: string;
  clock: number;
  frozen: boolean;
  reason: string | null;
  versions: number;
  changePoints: number;
  actors: Headcount;
  at: number;
}

export interface Stuck {
  version: string;
  state: string;
  reason: string;
  changePoint: string;
  count: number;
}

export interface Overview extends OverviewItem {
  law: number;
  byVersion: { id: string; clock: number; actors: Headcount }[];
  stuck: Stuck[];
  stuckKinds: number;
}

export interface States {
  workflow: string;
  version: string;
  actors: Headcount;
  states: { path: string; actors: Headcount }[];
  at: number;
}

export interface Owner {
  kind: string;
  name: string;
}

export interface Definition {
  id: string;
  workflow: string;
  clock: number;
  digest: string;
  guards: string;
  journal: string;
  definition?: unknown;
  eventTypes: string[];
  owner?: Owner | null;
  deployedBy: string;
  deployedAt: number | null;
}

export interface ChangePoint {
  name: string;
  workflow: string;
  clock: number;
  from: string;
  to: string;
  refinement: number;
  refines?: string | null;
  historyPath: string[];
  regions: Record<string, string[]>;
  stateMapping: Record<string, string[]>;
  landing: string;
  landingDefaulted: boolean;
  rescues: boolean;
  evaluation: string;
  whileStranded: string;
  closed: boolean;
  anchorHash: string;
  owner?: Owner | null;
  result?: { planHash: string | null; migrated: number; stayed: number; stranded: number };
  deployedBy?: string;
  deployedAt?: number | null;
}

export interface Stranding {
  changePoint: string;
  reason: string;
  message: string;
  way: string[];
}

export interface Actor {
  id: string;
  workflow: string;
  version: string;
  stateValue: StateValue;
  status: Status;
  revision: number;
  stranding?: Stranding | null;
  historyLength: number;
  queued: number;
  context?: unknown;
}

export interface ActorItem {
  id: string;
  workflow: string;
  version: string;
  stateValue: StateValue;
  status: Status;
  reason: string | null;
}

export interface HistoryItem {
  type: string;
  at?: number | null;
  data?: unknown;
}

export interface Decision {
  changePoint: string | null;
  clock: number;
  verdict: Verdict;
  from: string;
  to: string | null;
  reason: string | null;
  message: string;
  rescued: boolean;
  fingerprint: string;
  anchorHash: string;
  fromState: StateValue | null;
  toState: StateValue | null;
  deployment: string | null;
  planHash: string | null;
  note: string | null;
  at: number;
  by: string;
}

export interface Warned {
  code: string;
  message: string;
  pointer?: string | null;
  changePoint?: string | null;
  count?: number | null;
}

export interface Flow {
  version: string;
  state: string;
  verdict: Verdict;
  reason: string | null;
  message: string;
  toVersion: string;
  toState: string;
  count: number;
}

export interface Preview {
  workflow: string;
  migration: {
    wouldMigrate: string[];
    wouldStay: string[];
    wouldStrand: string[];
    next: string | null;
  };
  counts: { wouldMigrate: number; wouldStay: number; wouldStrand: number };
  planHash: string;
  unchanged: boolean;
  flows?: Flow[];
  unlandable: { version: string; state: string; reason: string }[];
  changePoints: ChangePoint[];
  warnings: Warned[];
}

export interface ProblemBody {
  code: string;
  title: string;
  status: number;
  detail: string;
  wayOut: string;
  errors: { code: string; message: string; pointer: string }[];
}
