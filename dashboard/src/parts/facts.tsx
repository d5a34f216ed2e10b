// Names and what they are, where they are: an empty one is left out.

import type { ComponentChildren } from "preact";

export function Facts({ facts }: { facts: Record<string, ComponentChildren> }) {
  const told = Object.entries(facts).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return (
    <dl class="facts-list">
      {told.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
