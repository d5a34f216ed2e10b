// How many, always in the same order and the same colours; the words are there too, for those who
// see no colours.

import type { Headcount, Status } from "../api/types";
import { actors, count, short, standing, STATUS_WORDS } from "../words";

const ORDER: readonly Status[] = ["active", "needs_rescue", "done"];

export function total(actors: Headcount): number {
  return actors.active + actors.done + actors.needs_rescue;
}

export function Tiles({ counts }: { counts: Headcount }) {
  return (
    <dl class="tiles">
      {ORDER.map((status) => (
        <div class={`tile ${status}`} data-zero={counts[status] === 0}>
          <dt>{standing(status, counts[status])}</dt>
          <dd data-status={status}>{count(counts[status])}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A bar of the shares, with the numbers beside it. */
export function Shares({ counts }: { counts: Headcount }) {
  const all = total(counts);
  const told = ORDER.filter((status) => counts[status] > 0);
  if (all === 0) return <span class="dim">nobody</span>;
  return (
    <span class="shares">
      <span class="bar" aria-hidden="true">
        {told.map((status) => (
          <i class={status} style={{ flexGrow: counts[status] }} />
        ))}
      </span>
      <span class="numbers">
        {told.map((status) => (
          <span class={`number ${status}`} title={`${actors(counts[status])}: ${standing(status, counts[status])}`}>
            {short(counts[status])} <span class="word">{standing(status, counts[status])}</span>
          </span>
        ))}
      </span>
    </span>
  );
}

export function Badge({ status }: { status: Status }) {
  return <span class={`badge ${status}`}>{STATUS_WORDS[status]}</span>;
}
