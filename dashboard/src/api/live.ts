// Data that stays current: asked for again and again while somebody looks, with the ETag of the last
// answer, so that nothing new costs next to nothing, and not before the server says that there can be
// anything new. A tab in the background asks nothing.

import { useEffect, useState } from "preact/hooks";
import { asProblem, type Problem } from "./problem";
import { ask } from "./session";

export const EVERY_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
/** Longer than this no server is believed that there will be nothing new: it may be gone by then. */
const LONGEST_QUIET_MS = 10_000;
/** Those who look do not all come at the moment at which there is something new. */
const SPREAD = 0.25;

export interface Live<T> {
  data: T | undefined;
  /** What is wrong now; data of before stays. */
  problem: Problem | undefined;
}

export function useLive<T>(path: string | null, every: number = EVERY_MS): Live<T> {
  const [found, setFound] = useState<Live<T> & { path: string | null }>({
    path: null,
    data: undefined,
    problem: undefined,
  });
  useEffect(() => {
    if (path === null) return undefined;
    const round = new Round<T>(path, every, (live) => setFound({ ...live, path }));
    return () => round.end();
  }, [path, every]);
  return found.path === path ? found : { data: undefined, problem: undefined };
}

/** Reads something once, and anew whenever `again` changes; tries again where it failed in passing. */
export function useOnce<T>(
  load: ((signal: AbortSignal) => Promise<T>) | null,
  again: readonly unknown[],
): Live<T> {
  const [found, setFound] = useState<Live<T>>({ data: undefined, problem: undefined });
  useEffect(() => {
    if (load === null) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = (failures: number): void => {
      load(stop.signal).then(
        (data) => stop.signal.aborted || setFound({ data, problem: undefined }),
        (error: unknown) => {
          if (stop.signal.aborted) return;
          const problem = asProblem(error).retried;
          setFound((old) => ({ data: old.data, problem }));
          if (problem.passing) timer = setTimeout(() => read(failures + 1), waitAfter(failures + 1));
        },
      );
    };
    read(0);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, again);
  return found;
}

function waitAfter(failures: number, atLeast = EVERY_MS): number {
  return Math.min(LONGEST_WAIT_MS, atLeast * 1.5 ** failures * late());
}

function late(): number {
  return 1 + SPREAD * Math.random();
}

class Round<T> {
  private readonly stop = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private etag: string | null = null;
  private data: T | undefined;
  private failures = 0;
  private asking = false;

  constructor(
    private readonly path: string,
    private readonly every: number,
    private readonly tell: (live: Live<T>) => void,
  ) {
    document.addEventListener("visibilitychange", this.seen);
    window.addEventListener("online", this.seen);
    void this.turn();
  }

  end(): void {
    this.stop.abort();
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
    window.removeEventListener("online", this.seen);
  }

  private readonly seen = (): void => {
    if (!document.hidden) void this.turn();
  };

  private async turn(): Promise<void> {
    clearTimeout(this.timer);
    if (this.asking || document.hidden) return;
    this.asking = true;
    let quietMs = 0;
    try {
      const answer = await ask<T>(this.path, this.etag, this.stop.signal);
      if (this.stop.signal.aborted) return;
      quietMs = answer.quietMs;
      const recovered = this.failures > 0;
      this.failures = 0;
      if (answer.body !== undefined) {
        this.etag = answer.etag;
        this.data = answer.body;
        this.tell({ data: this.data, problem: undefined });
      } else if (recovered) {
        this.tell({ data: this.data, problem: undefined });
      }
    } catch (error) {
      if (this.stop.signal.aborted) return;
      this.failures += 1;
      this.tell({ data: this.data, problem: asProblem(error).retried });
    } finally {
      this.asking = false;
    }
    const wait = Math.max(waitAfter(this.failures, this.every), Math.min(quietMs, LONGEST_QUIET_MS) * late());
    this.timer = setTimeout(() => void this.turn(), wait);
  }
}
