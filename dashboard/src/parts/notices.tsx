// What is said instead of data, or above it.

import type { ComponentChildren } from "preact";
import type { Problem } from "../api/problem";

export function ProblemNotice({ problem }: { problem: Problem }) {
  return (
    <section class="notice bad" role="alert" data-code={problem.code}>
      <h2>{problem.title}</h2>
      {problem.detail && <p>{problem.detail}</p>}
      {problem.wayOut && <p class="way-out">{problem.wayOut}</p>}
      {problem.errors.length > 0 && (
        <ul class="findings">
          {problem.errors.slice(0, 100).map((error) => (
            <li>
              <code>{error.pointer || "/"}</code> {error.message} <span class="dim">{error.code}</span>
            </li>
          ))}
        </ul>
      )}
      {problem.errors.length > 100 && <p>and {problem.errors.length - 100} more.</p>}
    </section>
  );
}

/** Above data that may be old: small, and it goes by itself. */
export function Stale({ problem }: { problem: Problem | undefined }) {
  return problem === undefined ? null : <ProblemNotice problem={problem} />;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <section class="empty">
      <h1 tabIndex={-1}>{title}</h1>
      <p>{children}</p>
    </section>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      Reading {what}…
    </p>
  );
}
