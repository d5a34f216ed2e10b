// One actor: where it is and why, all it did, all that was decided, and its context for those who may.

import { useMemo, useState } from "preact/hooks";
import { useLive, useOnce } from "../api/live";
import { Growing, get, segment } from "../api/session";
import type { Actor, Decision, Definition, HistoryItem } from "../api/types";
import { Statechart } from "../charts/statechart";
import { activePaths } from "../charts/machine";
import { Badge } from "../parts/counts";
import { Facts } from "../parts/facts";
import { Heading } from "../parts/heading";
import { Loading, ProblemNotice, Stale } from "../parts/notices";
import { to } from "../route";
import { useMay } from "../session-context";
import { count, leaves, moment, stateText } from "../words";
import { type Moment, timeLine } from "./time-line";

const MOST_EVENTS = 20_000;
const SHOWN = 500;

export function ActorPage({ id }: { id: string }) {
  const path = `actors/${segment(id)}`;
  const { data: actor, problem } = useLive<Actor>(path, 3_000);
  const again = [id, actor?.revision, actor?.version, actor?.status];
  const events = useMemo(() => new Growing<HistoryItem>(`${path}/history`, MOST_EVENTS), [path]);
  const verdicts = useMemo(() => new Growing<Decision>(`${path}/decisions`, MOST_EVENTS), [path]);
  const history = useOnce(actor ? (signal) => events.read(signal) : null, again);
  const decisions = useOnce(actor ? (signal) => verdicts.read(signal) : null, again);
  if (actor === undefined) {
    return (
      <>
        <Heading title={id} above="Actor" />
        {problem ? <ProblemNotice problem={problem} /> : <Loading what="the actor" />}
      </>
    );
  }
  return (
    <>
      <Heading
        title={actor.id}
        above={
          <>
            <a href={to(["w", actor.workflow])}>{actor.workflow}</a> / actor
          </>
        }
      >
        <p class="standing">
          <Badge status={actor.status} /> in <code>{stateText(actor.stateValue)}</code> on{" "}
          <a href={to(["w", actor.workflow, "v", actor.version])}>{actor.version}</a>
        </p>
      </Heading>
      <Stale problem={problem ?? history.problem ?? decisions.problem} />
      {actor.stranding && <Stranded actor={actor} />}
      <div class="columns">
        <section aria-label="Time line">
          <h2>Time line</h2>
          {history.data && decisions.data ? (
            <TimeLine actor={actor} history={history.data} decisions={decisions.data} />
          ) : (
            <Loading what="its history" />
          )}
        </section>
        <section aria-label="Facts">
          <h2>Facts</h2>
          <Facts
            facts={{
              revision: String(actor.revision),
              "events taken": count(actor.historyLength),
              "events waiting": actor.queued > 0 ? count(actor.queued) : "",
            }}
          />
          <h2>Context</h2>
          <Context actor={actor} />
        </section>
      </div>
      <Where actor={actor} />
    </>
  );
}

function Stranded({ actor }: { actor: Actor }) {
  const { stranding } = actor;
  if (!stranding) return null;
  return (
    <section class="notice warn">
      <h2>
        Stranded: <span class="reason">{stranding.reason}</span>
      </h2>
      <p>{stranding.message}</p>
      <p class="way-out">
        Stopped by <a href={to(["w", actor.workflow, "points", stranding.changePoint])}>{stranding.changePoint}</a>
        {stranding.way.length > 0 && <> on the way to {stranding.way.join(", then ")}</>}.{" "}
        <a href={to(["w", actor.workflow, "stranded"])}>The way out</a>, or by hand:{" "}
        <code>statekeep rescue {actor.id}</code>
      </p>
    </section>
  );
}

function TimeLine(given: { actor: Actor; history: HistoryItem[]; decisions: Decision[] }) {
  const { actor, history, decisions } = given;
  const line = useMemo(() => timeLine(history, decisions), [history, decisions]);
  const [most, setMost] = useState(SHOWN);
  const before = Math.max(0, line.length - most);
  return (
    <ol class="time-line">
      <li class="begin">
        <span class="what">spawned</span>
      </li>
      {before > 0 && (
        <li>
          <button type="button" onClick={() => setMost(most + 2 * SHOWN)}>
            Show {count(Math.min(before, 2 * SHOWN))} more of the {count(before)} before these
          </button>
        </li>
      )}
      {line.slice(before).map((moment) => (
        <MomentLine moment={moment} workflow={actor.workflow} />
      ))}
      {actor.historyLength > history.length && (
        <li>
          <span class="dim">and {count(actor.historyLength - history.length)} more events</span>
        </li>
      )}
    </ol>
  );
}

function MomentLine({ moment: one, workflow }: { moment: Moment; workflow: string }) {
  if (one.kind === "event") {
    return (
      <li class="event">
        <span class="dim number">{one.number}</span> <code>{one.event.type}</code>{" "}
        <span class="dim">{moment(one.event.at)}</span>
        {one.event.data !== undefined && one.event.data !== null && <Json value={one.event.data} />}
      </li>
    );
  }
  return <DecisionLine decision={one.decision} workflow={workflow} />;
}

function DecisionLine({ decision, workflow }: { decision: Decision; workflow: string }) {
  const told = { migrated: "Migrated", stayed: "Stayed", stranded: "Stranded" }[decision.verdict];
  return (
    <li class={`decision ${decision.verdict}`} data-verdict={decision.verdict}>
      <p>
        <b>
          {told}
          {decision.rescued && ", rescued"}
        </b>{" "}
        {decision.verdict === "migrated" ? (
          <>
            from {decision.from} in <code>{stateText(decision.fromState)}</code> to {decision.to} in{" "}
            <code>{stateText(decision.toState)}</code>
          </>
        ) : (
          <>
            on {decision.from}
            {decision.fromState !== null && (
              <>
                {" "}
                in <code>{stateText(decision.fromState)}</code>
              </>
            )}
            {decision.reason && (
              <>
                : <span class="reason">{decision.reason}</span>
              </>
            )}
          </>
        )}
      </p>
      {decision.message && <p>{decision.message}</p>}
      {decision.note && <p>“{decision.note}”</p>}
      <p class="dim">
        {moment(decision.at)} by {decision.by || "somebody"}, clock {decision.clock}
        {decision.changePoint ? (
          <>
            , <a href={to(["w", workflow, "points", decision.changePoint])}>{decision.changePoint}</a>
          </>
        ) : (
          ", by hand"
        )}
      </p>
      <p class="hashes dim">
        {decision.fingerprint && (
          <span>
            history <code>{decision.fingerprint}</code>
          </span>
        )}
        {decision.anchorHash && (
          <span title={decision.anchorHash}>
            anchor <code>{hashed(decision.anchorHash)}</code>
          </span>
        )}
        {decision.planHash && (
          <span title={decision.planHash}>
            plan <code>{hashed(decision.planHash)}</code>
          </span>
        )}
      </p>
    </li>
  );
}

function Context({ actor }: { actor: Actor }) {
  const may = useMay("context");
  if (!may) {
    return (
      <p class="dim" data-hidden="context">
        Contexts are for keys with the role send or admin; this key may not see them.
      </p>
    );
  }
  return <Json value={actor.context ?? {}} />;
}

function Json({ value }: { value: unknown }) {
  return <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>;
}

function Where({ actor }: { actor: Actor }) {
  const definition = useOnce(
    (signal) => get<Definition>(`definitions/${segment(actor.version)}`, signal),
    [actor.version],
  );
  const active = useMemo(() => activePaths(leaves(actor.stateValue, "")), [JSON.stringify(actor.stateValue)]);
  if (definition.problem) return <ProblemNotice problem={definition.problem} />;
  if (definition.data?.id !== actor.version) return null;
  return (
    <>
      <h2>Where it is</h2>
      <Statechart
        definition={definition.data.definition}
        workflow={actor.workflow}
        version={actor.version}
        active={active}
      />
    </>
  );
}

function hashed(hash: string): string {
  return hash.replace(/^sha256:/, "").slice(0, 12);
}
