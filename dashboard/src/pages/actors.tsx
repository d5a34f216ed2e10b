// The actors of a workflow, by version, status and state.

import type { Overview } from "../api/types";
import { ActorRows } from "../parts/actor-rows";
import { to } from "../route";
import { STATUS_WORDS } from "../words";

const ASKED = ["definitionId", "status", "state"] as const;

export function ActorsPage({ overview, query }: { overview: Overview; query: URLSearchParams }) {
  const asked: Record<string, string> = {};
  for (const name of ASKED) {
    const value = query.get(name);
    if (value) asked[name] = value;
  }
  const change = (name: string, value: string): void => {
    const { [name]: _, ...others } = asked;
    location.hash = to(["w", overview.workflow, "actors"], value ? { ...others, [name]: value } : others);
  };
  const versions = overview.byVersion.map((version) => version.id);
  const chosen = asked["definitionId"];
  if (chosen && !versions.includes(chosen)) versions.unshift(chosen);
  return (
    <>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          Version{" "}
          <select
            value={chosen ?? ""}
            onChange={(event) => change("definitionId", event.currentTarget.value)}
          >
            <option value="">any with actors</option>
            {versions.map((version) => (
              <option>{version}</option>
            ))}
          </select>
        </label>
        <label>
          Status{" "}
          <select value={asked["status"] ?? ""} onChange={(event) => change("status", event.currentTarget.value)}>
            <option value="">any</option>
            {Object.entries(STATUS_WORDS).map(([status, word]) => (
              <option value={status}>{word}</option>
            ))}
          </select>
        </label>
        <label>
          State{" "}
          <input
            value={asked["state"] ?? ""}
            placeholder="dotted path"
            spellcheck={false}
            onChange={(event) => change("state", event.currentTarget.value.trim())}
          />
        </label>
      </form>
      <ActorRows label="Actors" query={{ workflow: overview.workflow, ...asked }} />
    </>
  );
}
