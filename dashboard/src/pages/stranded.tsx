// Who is stranded: by state and reason, with the way out of each. For the on-call person.

import { useState } from "preact/hooks";
import type { Overview, Stuck } from "../api/types";
import { ActorRows } from "../parts/actor-rows";
import { to } from "../route";
import { actors, count, stateOf, stateText } from "../words";
import { leafOf, wayOut } from "./way-out";
import { useRegistered } from "./versions";

export function StrandedPage({ overview }: { overview: Overview }) {
  const { points } = useRegistered(overview);
  const [open, setOpen] = useState<string>();
  if (overview.stuck.length === 0) {
    return <p class="empty-line good">Nobody is stranded in {overview.workflow}.</p>;
  }
  const targets = new Map((points.data ?? []).map((point) => [point.name, point.to]));
  return (
    <>
      <p>
        {actors(overview.actors.needs_rescue)} could not be moved safely. They stay where they are, unchanged, until a
        version gives them a place or somebody rescues them by hand.
      </p>
      {overview.stuckKinds > overview.stuck.length && (
        <p class="dim">
          The {overview.stuck.length} largest kinds of {count(overview.stuckKinds)}.
        </p>
      )}
      <ul class="cards">
        {overview.stuck.map((kind) => {
          const name = nameOf(kind);
          return (
            <li key={name}>
              <Kind
                kind={kind}
                workflow={overview.workflow}
                target={targets.get(kind.changePoint)}
                open={open === name}
                onOpen={() => setOpen(open === name ? undefined : name)}
              />
            </li>
          );
        })}
      </ul>
    </>
  );
}

interface Given {
  kind: Stuck;
  workflow: string;
  target: string | undefined;
  open: boolean;
  onOpen: () => void;
}

function Kind({ kind, workflow, target, open, onOpen }: Given) {
  const state = stateText(stateOf(kind.state));
  const parent = target ?? kind.version;
  const query = { parent, from: kind.version, map: leafOf(kind.state) };
  return (
    <section class="card stuck" data-reason={kind.reason} data-count={kind.count}>
      <h2>
        {actors(kind.count)} in <code>{state}</code>
      </h2>
      <p>
        on <a href={to(["w", workflow, "v", kind.version])}>{kind.version}</a>, stopped by{" "}
        <a href={to(["w", workflow, "points", kind.changePoint])}>{kind.changePoint}</a>:{" "}
        <b class="reason">{kind.reason}</b>
      </p>
      <p class="way-out">{wayOut(kind, state, target)}</p>
      <p class="actions">
        <a class="button" href={to(["w", workflow, "preview"], query)}>
          Preview a way out
        </a>
        <button type="button" aria-expanded={open} onClick={onOpen}>
          {open ? "Hide the actors" : "Show the actors"}
        </button>
      </p>
      {open && (
        <ActorRows
          label={`Actors stranded in ${state}`}
          query={{ workflow, definitionId: kind.version, status: "needs_rescue", state: kind.state, reason: kind.reason }}
          expected={kind.count}
        />
      )}
    </section>
  );
}

function nameOf(kind: Stuck): string {
  return [kind.changePoint, kind.version, kind.state, kind.reason].join("\n");
}
