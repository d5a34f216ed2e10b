import { useState } from "preact/hooks";
import { useLive } from "../api/live";
import type { OverviewItem, Page } from "../api/types";
import { Shares } from "../parts/counts";
import { Heading } from "../parts/heading";
import { Loading, Stale } from "../parts/notices";
import { Rows } from "../parts/rows";
import { to } from "../route";
import { count } from "../words";

const PAGE = 200;
const MOST = 1_000;

export function WorkflowsPage() {
  const [limit, setLimit] = useState(PAGE);
  const { data, problem } = useLive<Page<OverviewItem>>(`overview?limit=${limit}`);
  const [wanted, setWanted] = useState("");
  const found = (data?.items ?? []).filter((item) => item.workflow.includes(wanted.trim()));
  return (
    <>
      <Heading title="Workflows" />
      <Stale problem={problem} />
      {data === undefined && problem === undefined && <Loading what="the workflows" />}
      {data && data.items.length === 0 && (
        <p class="empty-line">
          Nothing is registered yet. <code>statekeep deploy</code> or a WorkflowDefinition brings the first version.
        </p>
      )}
      {data && data.items.length > 12 && (
        <p>
          <label for="wanted">Only those with </label>
          <input id="wanted" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        </p>
      )}
      {found.length > 0 && <Rows label="Workflows" items={found} height={64} row={(item) => <Line item={item} />} />}
      {data?.next && limit < MOST && (
        <p>
          <button type="button" onClick={() => setLimit(Math.min(MOST, limit + PAGE))}>
            Show more
          </button>
        </p>
      )}
      {data?.next && limit >= MOST && (
        <p class="dim">There are more than {count(MOST)} workflows: find one by its id above.</p>
      )}
    </>
  );
}

function Line({ item }: { item: OverviewItem }) {
  return (
    <div class="line workflow">
      <a class="name" href={to(["w", item.workflow])}>
        {item.workflow}
      </a>
      {item.frozen && (
        <span class="badge frozen" title={item.reason ?? ""}>
          frozen
        </span>
      )}
      <span class="dim facts">
        {count(item.versions)} {item.versions === 1 ? "version" : "versions"}, {count(item.changePoints)}{" "}
        {item.changePoints === 1 ? "change-point" : "change-points"}
      </span>
      <Shares counts={item.actors} />
    </div>
  );
}
