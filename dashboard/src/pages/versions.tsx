// The versions of a workflow: how they follow one another, and how many actors are on each.

import { useMemo } from "preact/hooks";
import { useOnce } from "../api/live";
import { all, segment } from "../api/session";
import type { ChangePoint, Definition, Headcount, Overview } from "../api/types";
import { VersionGraph } from "../charts/version-graph";
import { Shares, total } from "../parts/counts";
import { Loading, Stale } from "../parts/notices";
import { Rows } from "../parts/rows";
import { to } from "../route";
import { moment } from "../words";

export const NOBODY: Headcount = { active: 0, done: 0, needs_rescue: 0 };

/** What is registered changes seldom: it is read anew when the law does. */
export function useRegistered(overview: Overview) {
  const query = `workflow=${segment(overview.workflow)}`;
  const again = [overview.workflow, overview.law, overview.clock, overview.versions];
  const versions = useOnce((signal) => all<Definition>(`definitions?${query}`, 20_000, signal), again);
  const points = useOnce((signal) => all<ChangePoint>(`change-points?${query}`, 20_000, signal), again);
  return { versions, points };
}

export function countsOf(overview: Overview): Map<string, Headcount> {
  return new Map(overview.byVersion.map((version) => [version.id, version.actors]));
}

export function VersionsPage({ overview }: { overview: Overview }) {
  const { versions, points } = useRegistered(overview);
  const counts = useMemo(() => countsOf(overview), [overview]);
  const latestFirst = useMemo(
    () => [...(versions.data ?? [])].sort((one, other) => other.clock - one.clock),
    [versions.data],
  );
  return (
    <>
      <Stale problem={versions.problem ?? points.problem} />
      {versions.data === undefined || points.data === undefined ? (
        <Loading what="versions and change-points" />
      ) : (
        <>
          <VersionGraph workflow={overview.workflow} versions={versions.data} points={points.data} counts={counts} />
          <h2>All versions</h2>
          <Rows
            label="Versions, the latest first"
            items={latestFirst}
            height={64}
            row={(version) => <Line version={version} counts={counts.get(version.id) ?? NOBODY} />}
          />
        </>
      )}
    </>
  );
}

function Line({ version, counts }: { version: Definition; counts: Headcount }) {
  return (
    <div class="line version" data-version={version.id} data-actors={total(counts)}>
      <a class="name" href={to(["w", version.workflow, "v", version.id])}>
        {version.id}
      </a>
      <span class="dim facts">
        clock {version.clock}, {moment(version.deployedAt)} by {version.deployedBy || "somebody"}
      </span>
      <Shares counts={counts} />
    </div>
  );
}
