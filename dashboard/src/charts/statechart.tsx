// A version's statechart: compound and parallel states hold what is in them, and every state says how
// many actors are in it. The same stands below as an outline, for those who read and for charts that
// are too large to draw.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { Headcount } from "../api/types";
import { Shares, total } from "../parts/counts";
import { to } from "../route";
import { short } from "../words";
import { Drawing, wayOf } from "./drawing";
import type { ElkNode } from "./layout";
import { type Arrow, type Chart, chartOf, type State } from "./machine";

const MOST_STATES = 250;
const MOST_ARROWS = 900;
const NAME = 28;

interface Given {
  definition: unknown;
  workflow: string;
  version: string;
  counts?: Map<string, Headcount>;
  /** The states that one actor is in. */
  active?: ReadonlySet<string>;
}

export function Statechart(given: Given) {
  const chart = useMemo(() => chartOf(given.definition), [given.definition]);
  const tooLarge = chart.states.length > MOST_STATES || chart.arrows.length > MOST_ARROWS;
  const [placed, setPlaced] = useState<{ chart: Chart; graph: ElkNode } | "failed">();
  useEffect(() => {
    if (tooLarge) return undefined;
    let wanted = true;
    place(chart).then(
      (graph) => wanted && setPlaced({ chart, graph }),
      () => wanted && setPlaced("failed"),
    );
    return () => {
      wanted = false;
    };
  }, [chart, tooLarge]);
  const undrawn = tooLarge || placed === "failed";
  if (chart.states.length === 1) {
    return (
      <section class="statechart">
        <p class="notice calm">This machine has no states in it: an actor of it is in the machine itself.</p>
        <Everywhere chart={chart} />
      </section>
    );
  }
  return (
    <section class="statechart">
      {undrawn && (
        <p class="notice calm" role="status">
          This statechart has {chart.states.length - 1} states and {chart.arrows.length} transitions: too many for a
          picture that anybody could read. It stands below as an outline.
        </p>
      )}
      {!undrawn && (placed === undefined || placed.chart !== chart) && (
        <p class="loading" role="status">
          Drawing {given.version}…
        </p>
      )}
      {typeof placed === "object" && placed.chart === chart && <Picture {...given} chart={chart} graph={placed.graph} />}
      <Everywhere chart={chart} />
      <details class="outline" open={undrawn}>
        <summary>As an outline</summary>
        <Outline {...given} chart={chart} />
      </details>
    </section>
  );
}

function Picture({ chart, graph, ...given }: Given & { chart: Chart; graph: ElkNode }) {
  const boxes = useMemo(() => flat(graph), [graph]);
  const byPath = new Map(chart.states.map((state) => [idOf(state), state]));
  return (
    <Drawing label={`Statechart of ${given.version}`} width={graph.width ?? 100} height={graph.height ?? 100}>
      {boxes.map((box) => {
        const state = byPath.get(box.id);
        if (state) return <Box box={box} state={state} inner={chart.inner.get(state.path)} {...given} />;
        return <circle class="start" cx={box.x! + 6} cy={box.y! + 6} r="5" />;
      })}
      {(graph.edges ?? []).map((edge) => (
        <g class="arrow">
          <path d={wayOf(edge)} marker-end="url(#tip)" />
          {(edge.labels ?? []).map((label) => (
            <text x={label.x! + 4} y={label.y! + 12}>
              {label.text}
            </text>
          ))}
        </g>
      ))}
    </Drawing>
  );
}

function Box({ box, state, inner, ...given }: Given & { box: ElkNode; state: State; inner: string[] | undefined }) {
  const counts = given.counts?.get(state.path);
  const here = counts ? total(counts) : 0;
  const holds = state.children.length > 0;
  const kinds = [state.kind, holds ? "holds" : "", given.active?.has(state.path) ? "active" : ""];
  const stuck = counts?.needs_rescue ?? 0;
  const path = state.path === state.key && state.key.length <= NAME ? [] : [state.path];
  const more = [...path, ...(state.description ? [state.description] : []), ...(inner ?? []).map((event) => `${event}: stays`)];
  const badge = here > 0 ? short(here) : "";
  const content = (
    <g class={`state ${kinds.join(" ")}${stuck ? " stuck" : ""}`} data-path={state.path} data-count={here}>
      {more.length > 0 && <title>{more.join("\n")}</title>}
      <rect x={box.x!} y={box.y!} width={box.width!} height={box.height!} rx={state.kind === "history" ? 16 : 9} />
      {state.kind === "final" && (
        <rect class="inside" x={box.x! + 3} y={box.y! + 3} width={box.width! - 6} height={box.height! - 6} rx="6" />
      )}
      <text x={box.x! + 12} y={box.y! + 22} class="name">
        {nameOf(state)}{" "}
      </text>
      {badge && (
        <g class="badge">
          <rect x={box.x! + box.width! - 18 - badge.length * 7.5} y={box.y! + 8} width={10 + badge.length * 7.5} height="19" rx="9.5" />
          <text x={box.x! + box.width! - 13 - badge.length * 3.75} y={box.y! + 22}>
            {badge}
          </text>
        </g>
      )}
    </g>
  );
  if (!given.counts || here === 0) return content;
  const query = { definitionId: given.version, state: state.path };
  return (
    <a href={to(["w", given.workflow, "actors"], query)}>
      {content}
    </a>
  );
}

/** What the machine itself takes, whatever state it is in: it has no box to draw that from. */
function Everywhere({ chart }: { chart: Chart }) {
  const going = chart.arrows.filter((arrow) => arrow.from === chart.root).map(sentence);
  const staying = (chart.inner.get(chart.root.path) ?? []).map((event) => `${event}: stays`);
  const told = [...going, ...staying];
  return told.length > 0 ? <p class="dim">In every state: {told.slice(0, 100).join("; ")}</p> : null;
}

function sentence(arrow: Arrow): string {
  return `${arrow.labels.join(", ")} → ${arrow.to.path || "the whole machine"}`;
}

function Outline({ chart, counts, active, workflow, version }: Given & { chart: Chart }) {
  const arrows = useMemo(() => {
    const leaving = new Map<State, Arrow[]>();
    for (const arrow of chart.arrows) leaving.set(arrow.from, [...(leaving.get(arrow.from) ?? []), arrow]);
    return leaving;
  }, [chart]);
  const shown = chart.states.slice(1, 2_001);
  return (
    <>
      <ul class="states">
        {shown.map((state) => {
          const here = counts?.get(state.path);
          return (
            <li style={{ paddingInlineStart: `${(state.depth - 1) * 1.4}rem` }}>
              <b class={active?.has(state.path) ? "active" : ""}>
                {here ? (
                  <a href={to(["w", workflow, "actors"], { definitionId: version, state: state.path })}>{state.key}</a>
                ) : (
                  state.key
                )}
              </b>{" "}
              {state.kind !== "atomic" && <span class="dim">{state.kind}</span>}{" "}
              {active?.has(state.path) && <span class="dim">(the actor is here)</span>} {here && <Shares counts={here} />}
              <span class="dim">
                {(arrows.get(state) ?? [])
                  .slice(0, 20)
                  .map(sentence)
                  .join("; ")}
              </span>
            </li>
          );
        })}
      </ul>
      {chart.states.length > 2_001 && <p>and {chart.states.length - 2_001} more states.</p>}
    </>
  );
}

async function place(chart: Chart): Promise<ElkNode> {
  const { direction, layout, width } = await import("./layout");
  const graph: ElkNode = {
    id: "all",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": direction(),
      "elk.hierarchyHandling": "INCLUDE_CHILDREN",
      "elk.json.shapeCoords": "ROOT",
      "elk.json.edgeCoords": "ROOT",
      "elk.edgeRouting": "ORTHOGONAL",
      "elk.spacing.nodeNode": "28",
      "elk.layered.spacing.nodeNodeBetweenLayers": "44",
      "elk.spacing.edgeNode": "18",
      "elk.spacing.edgeEdge": "14",
      "elk.layered.spacing.edgeNodeBetweenLayers": "18",
      "elk.spacing.edgeLabel": "4",
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
      "elk.layered.feedbackEdges": "true",
      "elk.padding": "[top=16,left=16,bottom=16,right=16]",
    },
    children: chart.root.children.map(node),
    edges: [],
  };
  if (chart.root.initial) graph.children?.unshift(startOf(chart.root));
  for (const state of chart.states) {
    if (state.initial) {
      graph.edges?.push({ id: `start ${state.path}`, sources: [startId(state)], targets: [idOf(state.initial)] });
    }
  }
  chart.arrows.forEach((arrow, number) => {
    if (arrow.from === chart.root || arrow.to === chart.root) return;
    graph.edges?.push({
      id: `arrow ${number}`,
      sources: [idOf(arrow.from)],
      targets: [idOf(arrow.to)],
      labels: labelsOf(arrow).map((text) => ({ text, width: width(text, "label") + 8, height: 16 })),
    });
  });
  return layout(graph);

  function node(state: State): ElkNode {
    const named = Math.max(72, width(nameOf(state), "name") + 68);
    if (state.children.length === 0) {
      return { id: idOf(state), width: state.kind === "history" ? named - 30 : named, height: 36 };
    }
    const children = state.children.map(node);
    if (state.initial) children.unshift(startOf(state));
    return {
      id: idOf(state),
      children,
      layoutOptions: {
        "elk.padding": "[top=44,left=18,bottom=18,right=18]",
        "elk.nodeSize.constraints": "MINIMUM_SIZE",
        "elk.nodeSize.minimum": `(${named}, 60)`,
      },
    };
  }
}

function labelsOf(arrow: Arrow): string[] {
  const shown = arrow.labels.slice(0, 4).map((label) => (label.length > 40 ? `${label.slice(0, 39)}…` : label));
  return arrow.labels.length > 4 ? [...shown, `and ${arrow.labels.length - 4} more`] : shown;
}

function startOf(state: State): ElkNode {
  return { id: startId(state), width: 12, height: 12 };
}

const startId = (state: State): string => `start of ${state.path}`;
const idOf = (state: State): string => `state ${state.path}`;

function nameOf(state: State): string {
  const name = state.key.length <= NAME ? state.key : `${state.key.slice(0, NAME - 1)}…`;
  return state.kind === "history" ? `${name} (H)` : name;
}

/** All boxes, those that hold others first. */
function flat(graph: ElkNode): ElkNode[] {
  return (graph.children ?? []).flatMap((child) => [child, ...flat(child)]);
}
