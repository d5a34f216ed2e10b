// The change-points of a workflow: whom each picks, what its registration did, who and when.

import { useEffect, useRef } from "preact/hooks";
import type { ChangePoint, Overview } from "../api/types";
import { Facts } from "../parts/facts";
import { Loading, Stale } from "../parts/notices";
import { Rows } from "../parts/rows";
import { to } from "../route";
import { actors, anchorText, count, moment } from "../words";
import { useRegistered } from "./versions";

export function PointsPage({ overview, open }: { overview: Overview; open: string | undefined }) {
  const { points } = useRegistered(overview);
  const latestFirst = [...(points.data ?? [])].sort(
    (one, other) => other.clock - one.clock || other.refinement - one.refinement,
  );
  const chosen = latestFirst.find((point) => point.name === open);
  return (
    <>
      <Stale problem={points.problem} />
      {points.data === undefined && points.problem === undefined && <Loading what="change-points" />}
      {points.data?.length === 0 && (
        <p class="empty-line">There are none: no version has been said to follow another yet.</p>
      )}
      {chosen && <Point point={chosen} />}
      {open !== undefined && points.data && !chosen && (
        <p class="notice calm">
          There is no change-point <b>{open}</b> in {overview.workflow}.
        </p>
      )}
      {latestFirst.length > 0 && (
        <Rows
          label="Change-points, the latest first"
          items={latestFirst}
          height={72}
          row={(point) => <Line point={point} chosen={point === chosen} />}
        />
      )}
    </>
  );
}

function Line({ point, chosen }: { point: ChangePoint; chosen: boolean }) {
  return (
    <div class={`line point${chosen ? " chosen" : ""}`} data-point={point.name}>
      <a class="name" href={to(["w", point.workflow, "points", point.name])}>
        {point.name}
      </a>
      <span class="ways">
        {point.from} → {point.to}
        {point.closed && <span class="badge frozen">closed</span>}
      </span>
      <span class="dim facts">{anchorText(point.historyPath, point.regions)}</span>
      <Result point={point} />
    </div>
  );
}

function Result({ point }: { point: ChangePoint }) {
  if (!point.result) return null;
  const { migrated, stayed, stranded } = point.result;
  return (
    <span class="numbers">
      <span class="number migrated">{count(migrated)} migrated</span>
      <span class="number stayed">{count(stayed)} stayed</span>
      <span class={`number ${stranded ? "stranded" : "stayed"}`}>{count(stranded)} stranded</span>
    </span>
  );
}

function Point({ point }: { point: ChangePoint }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), [point.name]);
  const mapping = Object.entries(point.stateMapping);
  const regions = Object.entries(point.regions);
  return (
    <section class="card" ref={box} aria-label={`Change-point ${point.name}`}>
      <h2>{point.name}</h2>
      <Facts
        facts={{
          way: (
            <>
              <a href={to(["w", point.workflow, "v", point.from])}>{point.from}</a> →{" "}
              <a href={to(["w", point.workflow, "v", point.to])}>{point.to}</a>
            </>
          ),
          anchor:
            point.historyPath.length > 0 ? (
              <>
                the history begins <Events types={point.historyPath} />
              </>
            ) : regions.length > 0 ? (
              ""
            ) : (
              "any history"
            ),
          regions: regions.length > 0 ? regions.map(([path, types]) => (
            <div>
              {path}: <Events types={types} />
            </div>
          )) : "",
          mapping: mapping.length > 0 ? mapping.map(([from, targets]) => (
            <div>
              <code>{from}</code> → <code>{targets.join(", ")}</code>
            </div>
          )) : "",
          landing: point.landing + (point.landingDefaulted ? " (chosen by default)" : ""),
          refines: point.refines ?? "",
          result: point.result ? (
            <>
              <Result point={point} /> <span class="dim">with all that registered at clock {point.clock}</span>
            </>
          ) : (
            ""
          ),
          plan: point.result?.planHash ? <code>{point.result.planHash}</code> : "",
          "anchor hash": point.anchorHash ? <code>{point.anchorHash}</code> : "",
          registered: `${moment(point.deployedAt)} by ${point.deployedBy || "somebody"}, at clock ${point.clock}`,
          "owned by": point.owner ? `${point.owner.kind} ${point.owner.name}` : "",
          "while stranded": point.whileStranded === "Continue" ? "" : point.whileStranded,
          evaluation: point.evaluation === "Continuous" ? "" : point.evaluation,
          state: point.closed ? "closed: it picks nobody any more" : "",
        }}
      />
      {point.result && point.result.stranded > 0 && (
        <p>
          {actors(point.result.stranded)} stranded when it was registered;{" "}
          <a href={to(["w", point.workflow, "stranded"])}>who is stranded now</a>.
        </p>
      )}
    </section>
  );
}

function Events({ types }: { types: readonly string[] }) {
  return (
    <span class="events">
      {types.map((type) => (
        <code>{type}</code>
      ))}
    </span>
  );
}
