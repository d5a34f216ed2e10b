// What the plan says: how many, from where to where, who strands and why, and what would help.

import { useMemo, useState } from "preact/hooks";
import { useOnce } from "../api/live";
import { get, segment } from "../api/session";
import type { Definition, Preview } from "../api/types";
import { Flows } from "../charts/flows";
import { type Chart, chartOf, split } from "../charts/machine";
import { anchorText, count, escaped, leaves, listText, stateOf } from "../words";
import { to } from "../route";
import type { Draft } from "./preview";
import { suggestions } from "./suggest";

const IDS = 200;
const FEW_PLACES = 60;
const MOST_MISSING = 60;

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
  const all = useMemo(() => missingOf(preview), [preview]);
  const missing = useMemo(() => all.slice(0, MOST_MISSING), [all]);
  const sources = [...new Set(missing.map((one) => one.version))].slice(0, 8);
  const wanted = draft.how === "pick" ? [...sources, draft.picked] : sources;
  const charts = useOnce((signal) => read(wanted, signal), [wanted.join("\n")]);
  const target = useMemo(() => targetOf(draft, charts.data), [draft, charts.data]);
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const suggested = useMemo(
    () =>
      missing.map((one) => {
        const source = charts.data?.get(one.version);
        return source && target ? suggestions(source, one.state, target) : [];
      }),
    [missing, charts.data, target],
  );
  const places = useMemo(() => placesOf(target), [target]);
  if (missing.length === 0) return null;
  const offers = missing.map((one, at) => {
    const found = suggested[at] ?? [];
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
      {all.length > missing.length && (
        <p class="dim">
          The {missing.length} with the most actors, of {count(all.length)}: the others follow when these are mapped.
        </p>
      )}
      <ul class="offers">
        {offers.map((one) => (
          <li>
            <label>
              <span>
                <code>{one.state}</code> <span class="dim">{one.version}</span> <span class="reason">{one.reason}</span>
              </span>
              <Place
                label={`Place of ${one.state}`}
                taken={one.taken}
                first={one.found.map((found) => found.path)}
                places={places}
                onChoose={(place) => setChosen(new Map([...chosen, [one.state, place]]))}
              />
            </label>
            <span class="dim">{one.found.find((found) => found.path === one.taken)?.why}</span>
          </li>
        ))}
      </ul>
      {places.length > FEW_PLACES && (
        <datalist id="places">
          {places.map((path) => (
            <option value={path} />
          ))}
        </datalist>
      )}
      <button type="button" class="primary" disabled={!offers.some((one) => one.taken)} onClick={apply}>
        Map these and preview again
      </button>
    </section>
  );
}

interface Choice {
  label: string;
  taken: string;
  first: readonly string[];
  places: readonly string[];
  onChoose: (place: string) => void;
}

/** A list to choose from; where there are many, a field that completes: sixty long lists are slow to draw. */
function Place({ label, taken, first, places, onChoose }: Choice) {
  const choose = (event: { currentTarget: { value: string } }): void => onChoose(event.currentTarget.value.trim());
  if (places.length > FEW_PLACES) {
    return (
      <input
        aria-label={label}
        value={taken}
        list="places"
        placeholder="leave it: strand"
        spellcheck={false}
        onChange={choose}
      />
    );
  }
  return (
    <select aria-label={label} value={taken} onChange={choose}>
      <option value="">leave it: strand</option>
      {[...new Set([...first, ...places])].map((path) => (
        <option value={path}>{path}</option>
      ))}
    </select>
  );
}

interface Lost {
  version: string;
  state: string;
  reason: string;
  /** How many actors would strand there now. */
  here: number;
}

/** Those with the most actors first: the list may be longer than anybody reads. */
function missingOf(preview: Preview): Lost[] {
  const found = new Map<string, Lost>();
  for (const one of preview.unlandable) found.set(`${one.version}\n${one.state}`, { ...one, here: 0 });
  for (const flow of preview.flows ?? []) {
    if (flow.verdict !== "stranded") continue;
    const inside = leaves(stateOf(flow.state), "");
    const known = inside.flatMap((leaf) => around(leaf).map((path) => found.get(`${flow.version}\n${path}`)));
    const lost = known.filter((one) => one !== undefined);
    if (lost.length === 0) {
      for (const state of inside) {
        const own = { version: flow.version, state, reason: flow.reason ?? "", here: 0 };
        found.set(`${flow.version}\n${state}`, own);
        lost.push(own);
      }
    }
    for (const one of new Set(lost)) one.here += flow.count;
  }
  return [...found.values()].sort((one, other) => other.here - one.here);
}

/** A state and those that it is in. */
function around(path: string): string[] {
  const keys = split(path).map(escaped);
  return keys.map((_, at) => keys.slice(0, at + 1).join("."));
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

function placesOf(target: Chart | undefined): string[] {
  return (target?.states ?? [])
    .filter((state) => state.parent !== null && state.kind !== "history")
    .map((state) => state.path);
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
