// Who is signed in. The key lives in this module's memory and nowhere else: no cookie, no storage,
// so nothing outlives the tab, and a reload asks again.

import { lost, Problem, problemOf } from "./problem";
import type { Me, Page } from "./types";

const PAGE = 1_000;
const API = new URL("../v1/", document.baseURI);

interface Credentials {
  key: string;
  tenant: string | null;
}

export interface Answer<T> {
  /** Undefined where nothing has changed since the ETag that was sent. */
  body: T | undefined;
  etag: string | null;
  /** For how long there can be nothing new, as the server says; 0 where it says nothing. */
  quietMs: number;
}

let credentials: Credentials | null = null;
let ended: (problem: Problem) => void = () => undefined;

/** Called when the server does not know the key any more. */
export function onEnd(listener: (problem: Problem) => void): void {
  ended = listener;
}

export async function signIn(key: string, tenant: string | null): Promise<Me> {
  credentials = { key, tenant };
  try {
    return await get<Me>("me");
  } catch (error) {
    credentials = null;
    throw error;
  }
}

export function signOut(): void {
  credentials = null;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await ask<T>(path, null, signal);
  return answer.body as T;
}

/** A read that says whether anything is new. */
export async function ask<T>(
  path: string,
  etag: string | null,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  const headers = new Headers();
  if (etag !== null) headers.set("if-none-match", etag);
  const response = await send(path, { headers, ...(signal ? { signal } : {}) });
  const quietMs = 1000 * (Number(response.headers.get("retry-after")) || 0);
  if (response.status === 304) return { body: undefined, etag, quietMs };
  return { body: (await response.json()) as T, etag: response.headers.get("etag"), quietMs };
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = new Headers({ "content-type": "application/json" });
  const content = JSON.stringify(body);
  const init = { method: "POST", body: content, headers, ...(signal ? { signal } : {}) };
  return (await (await send(path, init)).json()) as T;
}

/** All pages of a list, up to a number of items. */
export async function all<T>(path: string, most = 20_000, signal?: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const more: Page<T> = await get<Page<T>>(withQuery(path, { limit: PAGE, cursor }), signal);
    found.push(...more.items);
    cursor = more.next;
  } while (cursor !== null && found.length < most);
  return found;
}

/** A list that only ever grows: read to its end, and later from its last page on. */
export class Growing<T> {
  private readonly pages: { cursor: string | null; items: T[] }[] = [];

  constructor(
    private readonly path: string,
    private readonly most: number,
  ) {}

  async read(signal: AbortSignal): Promise<T[]> {
    let at = Math.max(0, this.pages.length - 1);
    let cursor = this.pages[at]?.cursor ?? null;
    do {
      const page: Page<T> = await get<Page<T>>(withQuery(this.path, { limit: PAGE, cursor }), signal);
      this.pages[at] = { cursor, items: page.items };
      cursor = page.next;
      at += 1;
    } while (cursor !== null && at * PAGE < this.most);
    return this.pages.flatMap((page) => page.items);
  }
}

export function withQuery(
  path: string,
  query: Record<string, string | number | null | undefined>,
): string {
  const [head, tail] = path.split("?", 2);
  const given = new URLSearchParams(tail ?? "");
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") given.set(name, String(value));
  }
  const text = given.toString();
  return text ? `${head}?${text}` : String(head);
}

/** A name as one segment of a path. */
export const segment = encodeURIComponent;

async function send(path: string, init: RequestInit): Promise<Response> {
  if (credentials === null) throw new Problem("SignedOut", 401, "Nobody is signed in", "", "");
  const used = credentials;
  const headers = new Headers(init.headers);
  headers.set("x-api-key", used.key);
  if (used.tenant !== null) headers.set("x-statekeep-tenant", used.tenant);
  let response: Response;
  try {
    response = await fetch(new URL(path, API), { ...init, headers, cache: "no-store" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw lost();
  }
  if (response.ok || response.status === 304) return response;
  const problem = await problemOf(response);
  if (response.status === 401 && credentials === used) ended(problem);
  throw problem;
}
