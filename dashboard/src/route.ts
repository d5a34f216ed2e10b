// Where in the dashboard somebody is: the part of the address after `#`, so that every address of
// the page itself stays the same behind any path prefix. Links can be kept and sent.

import { useEffect, useState } from "preact/hooks";

export interface Route {
  /** Decoded: `#/w/loan/v/loan-v1` is ["w", "loan", "v", "loan-v1"]. */
  parts: string[];
  query: URLSearchParams;
}

export function parse(hash: string): Route {
  const [path, query] = hash.replace(/^#\/?/, "").split("?", 2);
  const parts = String(path)
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  return { parts, query: new URLSearchParams(query ?? "") };
}

export function to(parts: readonly string[], query: Record<string, string> = {}): string {
  const path = parts.map(encodeURIComponent).join("/");
  const text = new URLSearchParams(query).toString();
  return `#/${path}${text ? `?${text}` : ""}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = (): void => setRoute(parse(location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
