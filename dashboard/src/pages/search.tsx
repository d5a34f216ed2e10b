// Whatever has this id: asked of everything that has ids.

import { useOnce } from "../api/live";
import { asProblem, Problem } from "../api/problem";
import { all, get, segment } from "../api/session";
import type { Actor, ChangePoint, Definition, OverviewItem } from "../api/types";
import { Heading } from "../parts/heading";
import { Loading, ProblemNotice } from "../parts/notices";
import { to } from "../route";
import { stateText } from "../words";

interface Hit {
  kind: string;
  name: string;
  href: string;
  more: string;
}

export function SearchPage({ asked }: { asked: string }) {
  const { data, problem } = useOnce((signal) => search(asked, signal), [asked]);
  return (
    <>
      <Heading title={`Found for ${asked}`} />
      {problem && <ProblemNotice problem={problem} />}
      {data === undefined && problem === undefined && <Loading what="everything with that id" />}
      {data?.length === 0 && (
        <p class="empty-line">
          No actor, version, change-point or workflow has exactly this id. Ids are compared letter by letter; an actor
          that was deleted, or that belongs to another tenant, is not found.
        </p>
      )}
      {data && data.length > 0 && (
        <ul class="hits">
          {data.map((hit) => (
            <li class="line">
              <span class="badge kind">{hit.kind}</span>
              <a class="name" href={hit.href}>
                {hit.name}
              </a>
              <span class="dim">{hit.more}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

async function search(asked: string, signal: AbortSignal): Promise<Hit[]> {
  const name = segment(asked);
  const found = await Promise.all([
    maybe(get<Actor>(`actors/${name}`, signal)).then((actor) =>
      hit(actor, "actor", (it) => [to(["actors", it.id]), `${stateText(it.stateValue)}, on ${it.version}`]),
    ),
    maybe(get<Definition>(`definitions/${name}`, signal)).then((version) =>
      hit(version, "version", (it) => [to(["w", it.workflow, "v", it.id]), `of ${it.workflow}`]),
    ),
    points(asked, signal),
    all<OverviewItem>("overview", 10_000, signal).then((items) =>
      items
        .filter((item) => item.workflow === asked)
        .map((item) => ({ kind: "workflow", name: item.workflow, href: to(["w", item.workflow]), more: "" })),
    ),
  ]);
  return found.flat().map((one) => ({ ...one, name: asked }));
}

/** Several workflows may have a change-point of one name. */
async function points(asked: string, signal: AbortSignal): Promise<Hit[]> {
  try {
    const point = await maybe(get<ChangePoint>(`change-points/${segment(asked)}`, signal));
    return hit(point, "change-point", (it) => [to(["w", it.workflow, "points", it.name]), `of ${it.workflow}`]);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "AmbiguousName") throw error;
    const everywhere = await all<ChangePoint>("change-points", 100_000, signal);
    return everywhere
      .filter((point) => point.name === asked)
      .map((point) => ({
        kind: "change-point",
        name: point.name,
        href: to(["w", point.workflow, "points", point.name]),
        more: `of ${point.workflow}`,
      }));
  }
}

function hit<T>(found: T | null, kind: string, told: (it: T) => [href: string, more: string]): Hit[] {
  if (found === null) return [];
  const [href, more] = told(found);
  return [{ kind, name: "", href, more }];
}

async function maybe<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status === 404) return null;
    throw error;
  }
}
