import { useMemo } from "preact/hooks";
import { useLive, useOnce } from "../api/live";
import { get, segment } from "../api/session";
import type { Definition, Overview, States } from "../api/types";
import { Statechart } from "../charts/statechart";
import { Facts } from "../parts/facts";
import { Loading, ProblemNotice, Stale } from "../parts/notices";
import { to } from "../route";
import { moment } from "../words";

export function VersionPage({ overview, version }: { overview: Overview; version: string }) {
  const read = (signal: AbortSignal) => get<Definition>(`definitions/${segment(version)}`, signal);
  const definition = useOnce(read, [version]);
  const query = `definitionId=${segment(version)}`;
  const states = useLive<States>(`overview/${segment(overview.workflow)}/states?${query}`);
  const counts = useMemo(
    () => new Map((states.data?.states ?? []).map((state) => [state.path, state.actors])),
    [states.data],
  );
  if (definition.problem) return <ProblemNotice problem={definition.problem} />;
  const found = definition.data;
  if (found === undefined || found.id !== version) return <Loading what={version} />;
  return (
    <>
      <Stale problem={states.problem} />
      <Facts
        facts={{
          registered: `${moment(found.deployedAt)} by ${found.deployedBy || "somebody"}, at clock ${found.clock}`,
          "owned by": found.owner ? `${found.owner.kind} ${found.owner.name}` : "",
          digest: <code>{found.digest}</code>,
          guards: found.guards === "Ignore" ? "" : found.guards,
        }}
      />
      <p class="actions">
        <a href={to(["w", overview.workflow, "actors"], { definitionId: version })}>Actors on this version</a>
        <a href={to(["w", overview.workflow, "preview"], { parent: version })}>Preview a next version</a>
      </p>
      <Statechart definition={found.definition} workflow={overview.workflow} version={version} counts={counts} />
    </>
  );
}
