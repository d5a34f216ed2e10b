// What the plan says: how many, from where to where, who strands and why, and what would help.

import { useMemo, useState } from "preact/hooks";
import { useOnce } from "../api/live";
import { get, segment } from "../api/session";
import type { Definition, Preview } from "../api/types";
import { Flows } from "../charts/flows";
import { type Chart, chartOf } from "../charts/machine";
import { anchorText, count, leaves, listText, stateOf } from "../words";
import { to } from "../route";
import type { Draft } from "./preview";
import { suggestions } from "./suggest";

const IDS = 200;

interface Given {
  preview: Preview;
  draft: Draft;
  onMap: (mapping: Draft["mapping"]) => void;
}

export function PreviewResult({ preview, draft, onMap }: Given) {
  const { counts } = preview;
  const nobody = counts.wouldMigrate + counts.wouldStay + counts.wouldStrand === 0;
  return (
    <section class="result" aria-label="The plan">
      <h2>The plan</h2>
      <p role="status" class="verdict-line">
        <b class="number migrated">{count(counts.wouldMigrate)} would migrate</b>
        <b class="number stayed">{count(counts.wouldStay)} would stay</b>
        <b class={`number ${counts.wouldStrand ? "stranded" : "stayed"}`}>{count(counts.wouldStrand)} would strand</b>
      </p>
      {preview.unchanged && (
        <p class="notice calm">This is registered already, with the same content: this is what came of it.</p>
      )}
      {nobody && <p class="dim">No actor that is alive now is concerned.</p>}
      {preview.changePoints.map((point) => (
        <p class="dim">
          {point.from} → {point.to}, for {anchorText(point.historyPath, point.regions)}, by {point.landing}
        </p>
      ))}
      <Flows flows={preview.flows ?? []} />
      <Missing preview={preview} draft={draft} onMap={onMap} />
      {preview.warnings.length > 0 && (
        <details>
          <summary>
            {count(preview.warnings.length)} {preview.warnings.length === 1 ? "thing" : "things"} to know
          </summary>
          <ul class="findings">
            {preview.warnings.slice(0, 200).map((warning) => (
              <li>
                {warning.pointer && <code>{warning.pointer}</code>} {warning.message} <span class="dim">{warning.code}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <Ids title="would strand" ids={preview.migration.wouldStrand} all={counts.wouldStrand} />
      <Ids title="would migrate" ids={preview.migration.wouldMigrate} all={counts.wouldMigrate} />
      <Ids title="would stay" ids={preview.migration.wouldStay} all={counts.wouldStay} />
      <p class="dim">
        plan <code>{preview.planHash}</code>: deploy with it as <code>expectPlan</code>, and nobody is moved unless the
        plan is still this one.
      </p>
    </section>
  );
}

/** The states without a landing, whether or not somebody is there now, each with a place to choose. */
function Missing({ preview, draft, onMap }: Given) {
  const missing = useMemo(() => missingOf(preview), [preview]);
  const sources = [...new Set(missing.map((one) => one.version))].slice(0, 8);
  const wanted = draft.how === "pick" ? [...sources, draft.picked] : sources;
  const charts = useOnce((signal) => read(wanted, signal), [wanted.join("\n")]);
  const target = useMemo(() => targetOf(draft, charts.data), [draft, charts.data]);
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  if (missing.length === 0) return null;
  const offers = missing.map((one) => {
    const source = charts.data?.get(one.version);
    const found = source && target ? suggestions(source, one.state, target) : [];
    return { ...one, found, taken: chosen.get(one.state) ?? found[0]?.path ?? "" };
  });
  const apply = (): void => {
    const added = new Map(offers.filter((one) => one.taken).map((one) => [one.state, listText([one.taken])]));
    const kept = draft.mapping.filter(([from, place]) => from && place && !added.has(from));
    onMap([...kept, ...added]);
  };
  return (
    <section class="card" aria-label="Suggested mapping">
      <h3>States without a place in the next version</h3>
      <p class="dim">
        Whoever is there strands. A suggestion comes from names and from the events that both states take; it is yours to
        judge.
      </p>
      <ul class="offers">
        {offers.map((one) => (
          <li>
            <label>
              <span>
                <code>{one.state}</code> <span class="dim">{one.version}</span> <span class="reason">{one.reason}</span>
              </span>
              <select
                aria-label={`Place of ${one.state}`}
                value={one.taken}
                onChange={(event) => setChosen(new Map([...chosen, [one.state, event.currentTarget.value]]))}
              >
                <option value="">leave it: strand</option>
                {placesOf(target, one.found.map((found) => found.path)).map((path) => (
                  <option value={path}>{path}</option>
                ))}
              </select>
            </label>
            <span class="dim">{one.found.find((found) => found.path === one.taken)?.why}</span>
          </li>
        ))}
      </ul>
      <button type="button" class="primary" disabled={!offers.some((one) => one.taken)} onClick={apply}>
        Map these and preview again
      </button>
    </section>
  );
}

function missingOf(preview: Preview): { version: string; state: string; reason: string }[] {
  const found = new Map<string, { version: string; state: string; reason: string }>();
  for (const one of preview.unlandable) found.set(`${one.version}\n${one.state}`, one);
  for (const flow of preview.flows ?? []) {
    if (flow.verdict !== "stranded") continue;
    const own = [...found.values()].some(
      (one) => one.version === flow.version && leaves(stateOf(flow.state), "").some((leaf) => `${leaf}.`.startsWith(`${one.state}.`)),
    );
    if (own) continue;
    for (const leaf of leaves(stateOf(flow.state), "")) {
      found.set(`${flow.version}\n${leaf}`, { version: flow.version, state: leaf, reason: flow.reason ?? "" });
    }
  }
  return [...found.values()].slice(0, 60);
}

async function read(versions: readonly string[], signal: AbortSignal): Promise<Map<string, Chart>> {
  const found = await Promise.all(
    versions.map((version) => get<Definition>(`definitions/${segment(version)}`, signal)),
  );
  return new Map(found.map((version) => [version.id, chartOf(version.definition)]));
}

function targetOf(draft: Draft, charts: ReadonlyMap<string, Chart> | undefined): Chart | undefined {
  if (draft.how === "pick") return charts?.get(draft.picked);
  try {
    return chartOf(JSON.parse(draft.definition));
  } catch {
    return undefined;
  }
}

function placesOf(target: Chart | undefined, first: readonly string[]): string[] {
  const others = (target?.states ?? [])
    .filter((state) => state.parent !== null && state.kind !== "history")
    .map((state) => state.path);
  return [...new Set([...first, ...others])].slice(0, 500);
}

function Ids({ title, ids, all }: { title: string; ids: readonly string[]; all: number }) {
  if (ids.length === 0) return null;
  return (
    <details>
      <summary>
        Who {title} ({count(all)})
      </summary>
      <ul class="ids">
        {ids.slice(0, IDS).map((id) => (
          <li>
            <a href={to(["actors", id])}>{id}</a>
          </li>
        ))}
      </ul>
      {all > IDS && <p class="dim">The first {IDS}.</p>}
    </details>
  );
}
