// What went wrong, in one shape: the server's own words, or ours where it could not be reached.

import type { ProblemBody } from "./types";

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly wayOut: string,
    readonly errors: ProblemBody["errors"] = [],
  ) {
    super(title);
  }

  /** Whether another try may help without anybody doing anything. */
  get passing(): boolean {
    return this.code === "ServerLost" || this.status === 429 || this.status >= 500;
  }

  /** The same, where somebody does try again. */
  get retried(): Problem {
    if (!this.passing) return this;
    const wayOut = `This page tries again by itself. ${this.wayOut}`.trim();
    return new Problem(this.code, this.status, this.title, this.detail, wayOut, this.errors);
  }
}

export function lost(): Problem {
  return new Problem(
    "ServerLost",
    0,
    "The server does not answer",
    "",
    "If it lasts, look whether the server runs and can be reached from here.",
  );
}

export async function problemOf(response: Response): Promise<Problem> {
  const fallback = `The server answered ${response.status}`;
  try {
    const told = (await response.json()) as Partial<ProblemBody>;
    return new Problem(
      told.code ?? "Unexpected",
      response.status,
      told.title ?? fallback,
      told.detail ?? "",
      told.wayOut ?? "",
      told.errors ?? [],
    );
  } catch {
    const way = "Something between this page and the server may have answered in its place.";
    return new Problem("Unexpected", response.status, fallback, "", way);
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const told = error instanceof Error ? error.message : String(error);
  return new Problem("Fault", 0, "This page met a fault of its own", told, "Reload the page.");
}
