// The versions of a workflow and the change-points between them. Where there are too many to see,
// those with actors and the latest ones are drawn; the list below has them all.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { ChangePoint, Definition, Headcount } from "../api/types";
import { total } from "../parts/counts";
import { to } from "../route";
import { anchorText, short, standing } from "../words";
import { Drawing, wayOf } from "./drawing";
import type { ElkNode } from "./layout";

const MOST = 40;
const LATEST = 12;

interface Given {
  workflow: string;
  versions: readonly Definition[];
  points: readonly ChangePoint[];
  counts: ReadonlyMap<string, Headcount>;
}

export function VersionGraph({ workflow, versions, points, counts }: Given) {
  const shown = useMemo(() => chosen(versions, counts), [versions, counts]);
  const names = shown.map((version) => version.id).join("\n");
  const [graph, setGraph] = useState<ElkNode | "failed">();
  const edges = useMemo(() => {
    const drawn = new Set(names.split("\n"));
    return points.filter((point) => drawn.has(point.from) && drawn.has(point.to));
  }, [names, points]);
  useEffect(() => {
    let wanted = true;
    place(shown, edges).then(
      (found) => wanted && setGraph(found),
      () => wanted && setGraph("failed"),
    );
    return () => {
      wanted = false;
    };
  }, [names, edges]);
  if (graph === "failed") return <p class="notice calm">The graph could not be drawn; the list below has it all.</p>;
  if (graph === undefined) {
    return (
      <p class="loading" role="status">
        Drawing the versions…
      </p>
    );
  }
  const pointOf = new Map(edges.map((point) => [edgeId(point), point]));
  const versionOf = new Map(shown.map((version) => [boxId(version.id), version.id]));
  return (
    <>
      {shown.length < versions.length && (
        <p class="dim">
          Drawn are the {shown.length} versions with the most actors and the latest ones, of {versions.length}.
        </p>
      )}
      <Drawing label={`Versions of ${workflow}`} width={graph.width ?? 100} height={graph.height ?? 100}>
        {(graph.edges ?? []).map((edge) => (
          <Edge edge={edge} point={pointOf.get(edge.id)} />
        ))}
        {(graph.children ?? []).map((box) => (
          <Box box={box} workflow={workflow} version={versionOf.get(box.id) ?? ""} counts={counts} />
        ))}
      </Drawing>
    </>
  );
}

function Edge({ edge, point }: { edge: NonNullable<ElkNode["edges"]>[number]; point: ChangePoint | undefined }) {
  const label = edge.labels?.[0];
  if (!point || !label) return null;
  const told = `change-point ${point.name}, for ${anchorText(point.historyPath, point.regions)}`;
  return (
    <a href={to(["w", point.workflow, "points", point.name])}>
      <g class={`arrow${point.closed ? " closed" : ""}`}>
        <title>{`${told}: `}</title>
        <path d={wayOf(edge)} marker-end="url(#tip)" />
        <rect class="behind" x={label.x!} y={label.y!} width={label.width!} height={label.height!} rx="4" />
        <text x={label.x! + 5} y={label.y! + 13}>
          {anchorLine(point)}{" "}
        </text>
        <text class="dim" x={label.x! + 5} y={label.y! + 28}>
          {resultLine(point)}
        </text>
      </g>
    </a>
  );
}

interface Drawn {
  box: ElkNode;
  workflow: string;
  version: string;
  counts: ReadonlyMap<string, Headcount>;
}

function Box({ box, workflow, version, counts }: Drawn) {
  const own = counts.get(version);
  const here = own ? total(own) : 0;
  const stuck = own?.needs_rescue ?? 0;
  const told = (["active", "needs_rescue", "done"] as const)
    .filter((status) => (own?.[status] ?? 0) > 0)
    .map((status) => `${short(own?.[status] ?? 0)} ${standing(status, own?.[status] ?? 0)}`);
  return (
    <a href={to(["w", workflow, "v", version])}>
      <g class={`state atomic${stuck ? " stuck" : ""}${here ? "" : " empty"}`} data-version={version} data-count={here}>
        <rect x={box.x!} y={box.y!} width={box.width!} height={box.height!} rx="9" />
        <text class="name" x={box.x! + 14} y={box.y! + 24}>
          {box.labels?.[0]?.text}{" "}
        </text>
        <text class="counts" x={box.x! + 14} y={box.y! + 44}>
          {told.join(", ") || "nobody"}
        </text>
      </g>
    </a>
  );
}

function chosen(versions: readonly Definition[], counts: ReadonlyMap<string, Headcount>): readonly Definition[] {
  if (versions.length <= MOST) return versions;
  const byClock = [...versions].sort((one, other) => other.clock - one.clock);
  const latest = new Set(byClock.slice(0, LATEST));
  const fullest = [...versions]
    .filter((version) => counts.has(version.id) && !latest.has(version))
    .sort((one, other) => all(counts, other) - all(counts, one))
    .slice(0, MOST - LATEST);
  const drawn = new Set([...latest, ...fullest]);
  return versions.filter((version) => drawn.has(version));
}

function all(counts: ReadonlyMap<string, Headcount>, version: Definition): number {
  const found = counts.get(version.id);
  return found ? total(found) : 0;
}

async function place(versions: readonly Definition[], points: readonly ChangePoint[]): Promise<ElkNode> {
  const { clipped, direction, layout, width } = await import("./layout");
  return layout({
    id: "versions",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": direction(),
      "elk.edgeRouting": "ORTHOGONAL",
      "elk.spacing.nodeNode": "30",
      "elk.layered.spacing.nodeNodeBetweenLayers": "40",
      "elk.spacing.edgeEdge": "16",
      "elk.spacing.edgeNode": "20",
      "elk.edgeLabels.inline": "true",
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
      "elk.aspectRatio": "2.4",
      "elk.padding": "[top=12,left=12,bottom=12,right=12]",
    },
    children: [...versions]
      .sort((one, other) => one.clock - other.clock)
      .map((version) => {
        const name = clipped(version.id, 40);
        const wide = Math.max(190, width(name, "name") + 34);
        return { id: boxId(version.id), width: wide, height: 58, labels: [{ text: name }] };
      }),
    edges: points.map((point) => ({
      id: edgeId(point),
      sources: [boxId(point.from)],
      targets: [boxId(point.to)],
      labels: [
        {
          text: point.name,
          width: 12 + Math.max(width(anchorLine(point), "label"), width(resultLine(point), "label")),
          height: 36,
        },
      ],
    })),
  });
}

/** The layout engine has one book for all ids; people name versions and change-points as they like. */
const boxId = (version: string): string => `version ${version}`;
const edgeId = (point: ChangePoint): string => `point ${point.name}`;

function anchorLine(point: ChangePoint): string {
  const told = anchorText(point.historyPath, point.regions);
  return told.length > 34 ? `${told.slice(0, 33)}…` : told;
}

function resultLine(point: ChangePoint): string {
  if (point.closed) return "closed";
  const result = point.result;
  if (!result) return "";
  const parts = [`${short(result.migrated)} migrated`];
  if (result.stayed) parts.push(`${short(result.stayed)} stayed`);
  if (result.stranded) parts.push(`${short(result.stranded)} stranded`);
  return parts.join(", ");
}
