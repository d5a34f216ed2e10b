// What a deployment would do, before anybody deploys: a definition pasted, or a version picked, and
// the plan as a picture. Nothing here writes.

import { useState } from "preact/hooks";
import { asProblem, Problem } from "../api/problem";
import { useOnce } from "../api/live";
import { get, post, segment } from "../api/session";
import type { Definition, Overview, Preview } from "../api/types";
import { Loading, ProblemNotice, Stale } from "../parts/notices";
import { useMay } from "../session-context";
import { listOf, listText } from "../words";
import { PreviewResult } from "./preview-result";
import { useRegistered } from "./versions";

const MOST_BYTES = 1_048_576;

export interface Draft {
  /** "paste" a definition for a new version, or "pick" a version that is registered. */
  how: "paste" | "pick";
  id: string;
  parent: string;
  picked: string;
  history: string;
  landing: string;
  definition: string;
  /** Whether somebody has touched the definition: until then it is that of the version it starts from. */
  edited: boolean;
  mapping: [from: string, to: string][];
}

export function PreviewPage({ overview, query }: { overview: Overview; query: URLSearchParams }) {
  const { versions } = useRegistered(overview);
  if (!useMay("deploy")) {
    return (
      <section class="notice calm" data-code="RoleMissing">
        <h2>This key may not preview</h2>
        <p>A preview needs the role deploy or admin. Sign in with such a key to see what a deployment would do.</p>
      </section>
    );
  }
  return (
    <>
      <Stale problem={versions.problem} />
      {versions.data !== undefined && <Form overview={overview} versions={versions.data} query={query} />}
      {versions.data === undefined && versions.problem === undefined && <Loading what="versions" />}
    </>
  );
}

function Form(given: { overview: Overview; versions: Definition[]; query: URLSearchParams }) {
  const { overview, versions, query } = given;
  const [draft, setDraft] = useState<Draft>(() => begun(versions, query));
  const [made, setMade] = useState<{ preview: Preview; draft: Draft }>();
  const [problem, setProblem] = useState<Problem>();
  const [asking, setAsking] = useState(false);
  const change = (part: Partial<Draft>): void => setDraft((old) => ({ ...old, ...part }));
  const starting = useGiven(draft.parent);
  // Read-only while the text is on its way: else it would come between what a person selects and pastes.
  const isComing = starting === undefined && !draft.edited;
  const whole = draft.edited ? draft : { ...draft, definition: starting ?? "" };
  const run = async (asked: Draft): Promise<void> => {
    setAsking(true);
    setProblem(undefined);
    try {
      setMade({ preview: await preview(asked, overview.workflow), draft: asked });
    } catch (error) {
      setMade(undefined);
      setProblem(asProblem(error));
    }
    setAsking(false);
  };
  const again = (mapping: Draft["mapping"]): void => {
    const next = { ...whole, mapping };
    change({ mapping });
    void run(next);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void run(whole);
  };
  return (
    <>
      <form class="preview-form" onSubmit={submit}>
        <fieldset class="choice">
          <legend>The next version</legend>
          <label>
            <input type="radio" name="how" checked={draft.how === "paste"} onChange={() => change({ how: "paste" })} />
            paste a definition
          </label>
          <label>
            <input type="radio" name="how" checked={draft.how === "pick"} onChange={() => change({ how: "pick" })} />
            pick a registered version
          </label>
        </fieldset>
        <div class="fields">
          <label>
            From version
            <select value={draft.parent} onChange={(event) => change({ parent: event.currentTarget.value })}>
              {versions.map((version) => (
                <option>{version.id}</option>
              ))}
            </select>
          </label>
          {draft.how === "pick" ? (
            <label>
              To version
              <select value={draft.picked} onChange={(event) => change({ picked: event.currentTarget.value })}>
                {versions.map((version) => (
                  <option>{version.id}</option>
                ))}
              </select>
            </label>
          ) : (
            <label>
              Its id
              <input value={draft.id} required spellcheck={false} onInput={(event) => change({ id: event.currentTarget.value })} />
            </label>
          )}
          <label>
            Whose history begins
            <input
              value={draft.history}
              placeholder="any history"
              spellcheck={false}
              aria-describedby="history-hint"
              onInput={(event) => change({ history: event.currentTarget.value })}
            />
            <span id="history-hint" class="dim">
              event types, with commas between (a comma in a name: <code>\,</code>)
            </span>
          </label>
          <label>
            Landing
            <select value={draft.landing} onChange={(event) => change({ landing: event.currentTarget.value })}>
              <option value="">by default</option>
              <option>Replay</option>
              <option>Same</option>
              <option>MappingOnly</option>
            </select>
          </label>
        </div>
        <Mapping draft={draft} onChange={(mapping) => change({ mapping })} />
        {draft.how === "paste" && (
          <label class="wide">
            Definition (XState JSON, or the body of a deployment)
            <textarea
              value={whole.definition}
              rows={12}
              required
              readOnly={isComing}
              placeholder={isComing ? `Reading ${draft.parent}…` : ""}
              spellcheck={false}
              onInput={(event) => change({ edited: true, ...read(event.currentTarget.value) })}
            />
          </label>
        )}
        <button type="submit" class="primary" disabled={asking || isComing}>
          {asking ? "Computing the plan…" : "Preview"}
        </button>{" "}
        <span class="dim">Nothing is written: preview computes what a deployment would do, and stops there.</span>
      </form>
      {problem && <ProblemNotice problem={problem} />}
      {made && <PreviewResult preview={made.preview} draft={made.draft} onMap={again} />}
    </>
  );
}

function Mapping({ draft, onChange }: { draft: Draft; onChange: (mapping: Draft["mapping"]) => void }) {
  const set = (at: number, pair: [string, string]): void =>
    onChange(draft.mapping.map((old, index) => (index === at ? pair : old)));
  return (
    <fieldset class="mapping">
      <legend>Mapping of states</legend>
      {draft.mapping.map(([from, target], at) => (
        <p>
          <input
            aria-label={`State ${at + 1} of the source`}
            placeholder="state"
            value={from}
            onInput={(event) => set(at, [event.currentTarget.value, target])}
          />{" "}
          →{" "}
          <input
            aria-label={`Its place ${at + 1} in the target`}
            placeholder="state that takes its place"
            value={target}
            onInput={(event) => set(at, [from, event.currentTarget.value])}
          />{" "}
          <button type="button" class="quiet" onClick={() => onChange(draft.mapping.filter((_, index) => index !== at))}>
            Remove
          </button>
        </p>
      ))}
      <button type="button" onClick={() => onChange([...draft.mapping, ["", ""]])}>
        Add a state
      </button>
    </fieldset>
  );
}

function begun(versions: Definition[], query: URLSearchParams): Draft {
  const byClock = [...versions].sort((one, other) => other.clock - one.clock);
  const latest = byClock[0]?.id ?? "";
  const asked = query.get("parent");
  const parent = versions.some((version) => version.id === asked) ? String(asked) : latest;
  const mapped = listOf(query.get("map") ?? "");
  return {
    how: "paste",
    id: nextId(latest, new Set(versions.map((version) => version.id))),
    parent,
    picked: latest,
    history: "",
    landing: "",
    definition: "",
    edited: false,
    mapping: mapped.map((state) => [state, ""]),
  };
}

/** The name after this one: its last number plus one, or a second part. */
export function nextId(latest: string, taken: ReadonlySet<string>): string {
  for (let more = 1; more < 1_000; more += 1) {
    const match = /^(.*?)(\d{1,9})(\D*)$/.exec(latest);
    const name = match ? `${match[1]}${Number(match[2]) + more}${match[3]}` : `${latest}-v${more + 1}`;
    if (!taken.has(name)) return name;
  }
  return "";
}

/** The definition of a version as text; undefined while it is read, empty where it cannot be. */
function useGiven(version: string): string | undefined {
  const read = (signal: AbortSignal) => get<Definition>(`definitions/${segment(version)}`, signal);
  const { data, problem } = useOnce(read, [version]);
  if (problem) return "";
  return data?.id === version ? JSON.stringify(data.definition, null, 2) : undefined;
}

/** A text that was pasted: a definition, or a whole deployment that fills the other fields too. */
function read(text: string): Partial<Draft> {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const definition = body["definition"];
    if (typeof definition !== "object" || definition === null || "states" in body) return { definition: text };
    const filled: Partial<Draft> = { definition: JSON.stringify(definition, null, 2) };
    if (typeof body["id"] === "string") filled.id = body["id"];
    if (typeof body["parentId"] === "string") filled.parent = body["parentId"];
    if (Array.isArray(body["historyPath"])) filled.history = listText(body["historyPath"]);
    if (typeof body["landing"] === "string") filled.landing = body["landing"];
    const mapping = body["stateMapping"];
    if (typeof mapping === "object" && mapping !== null) {
      filled.mapping = Object.entries(mapping).map(([from, target]) => [from, listText([target].flat())]);
    }
    return filled;
  } catch {
    return { definition: text };
  }
}

async function preview(draft: Draft, workflow: string): Promise<Preview> {
  const rules = {
    historyPath: listOf(draft.history),
    stateMapping: mappingOf(draft),
    ...(draft.landing ? { landing: draft.landing } : {}),
  };
  if (draft.how === "pick") {
    const name = `preview.${draft.parent}.${draft.picked}`.slice(0, 250);
    return post("change-points/preview", { name, workflow, from: draft.parent, to: draft.picked, ...rules });
  }
  check(draft.definition);
  const body = { id: draft.id.trim(), workflow, parentId: draft.parent, definitionJSON: draft.definition, ...rules };
  return post("definitions/preview", body);
}

function mappingOf(draft: Draft): Record<string, string[]> {
  const given = draft.mapping.filter(([from, target]) => from.trim() !== "" && target.trim() !== "");
  return Object.fromEntries(given.map(([from, target]) => [from.trim(), listOf(target)]));
}

function check(text: string): void {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MOST_BYTES) {
    const detail = `It has ${Math.ceil(bytes / 1024)} KiB; a request takes 1,024 at most.`;
    throw new Problem("BodyTooLarge", 413, "The definition is too large to send", detail, "Split the workflow.");
  }
  try {
    JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : "";
    throw new Problem("InvalidJson", 422, "The definition is no JSON", detail, "Paste the machine as JSON.");
  }
}
