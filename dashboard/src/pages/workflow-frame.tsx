// What every page of a workflow has: its name, its counts, its parts. One live overview feeds all.

import { useEffect, useRef, useState } from "preact/hooks";
import { useLive } from "../api/live";
import { segment } from "../api/session";
import type { Overview } from "../api/types";
import { Tiles } from "../parts/counts";
import { Heading } from "../parts/heading";
import { Empty, Loading, ProblemNotice, Stale } from "../parts/notices";
import { to } from "../route";
import { actors, clockTime, count } from "../words";
import { ActorsPage } from "./actors";
import { PointsPage } from "./points";
import { PreviewPage } from "./preview";
import { StrandedPage } from "./stranded";
import { VersionPage } from "./version";
import { VersionsPage } from "./versions";

interface Given {
  workflow: string;
  rest: string[];
  query: URLSearchParams;
}

export function WorkflowFrame({ workflow, rest, query }: Given) {
  const { data, problem } = useLive<Overview>(`overview/${segment(workflow)}`);
  if (data === undefined) {
    return problem ? <ProblemNotice problem={problem} /> : <Loading what={workflow} />;
  }
  const [kind, name] = rest;
  const place = kind ?? "";
  return (
    <>
      <Heading
        title={titleOf(workflow, kind, name)}
        above={
          <>
            <a href="#/">Workflows</a>
            {place !== "" && (
              <>
                {" / "}
                <a href={to(["w", workflow])}>{workflow}</a>
              </>
            )}
          </>
        }
      >
        <LiveMark overview={data} />
      </Heading>
      <Stale problem={problem} />
      {data.frozen && (
        <section class="notice calm">
          <h2>This workflow is frozen</h2>
          <p>{data.reason}</p>
          <p class="way-out">
            Events go on; registrations and landings wait for <code>statekeep unfreeze {workflow}</code>.
          </p>
        </section>
      )}
      <Tiles counts={data.actors} />
      <nav class="tabs" aria-label={`Parts of ${workflow}`}>
        <Tab here={place === "" || place === "v"} href={to(["w", workflow])}>
          Versions <i>{count(data.versions)}</i>
        </Tab>
        <Tab here={place === "points"} href={to(["w", workflow, "points"])}>
          Change-points <i>{count(data.changePoints)}</i>
        </Tab>
        <Tab here={place === "stranded"} href={to(["w", workflow, "stranded"])}>
          Stranded <i class={data.actors.needs_rescue > 0 ? "alarm" : ""}>{count(data.actors.needs_rescue)}</i>
        </Tab>
        <Tab here={place === "actors"} href={to(["w", workflow, "actors"])}>
          Actors
        </Tab>
        <Tab here={place === "preview"} href={to(["w", workflow, "preview"])}>
          Preview
        </Tab>
      </nav>
      <Part overview={data} rest={rest} query={query} />
      <Announcer overview={data} />
    </>
  );
}

function Part({ overview, rest, query }: { overview: Overview; rest: string[]; query: URLSearchParams }) {
  const [kind, name] = rest;
  if (kind === undefined) return <VersionsPage overview={overview} />;
  if (kind === "v" && name !== undefined) return <VersionPage overview={overview} version={name} />;
  if (kind === "points") return <PointsPage overview={overview} open={name} />;
  if (kind === "stranded") return <StrandedPage overview={overview} />;
  if (kind === "actors") return <ActorsPage overview={overview} query={query} />;
  if (kind === "preview") return <PreviewPage overview={overview} query={query} />;
  return <Empty title="There is no such part of a workflow">Choose one of the parts above.</Empty>;
}

function titleOf(workflow: string, kind: string | undefined, name: string | undefined): string {
  if (kind === "v" && name !== undefined) return name;
  const titles: Record<string, string> = {
    points: "Change-points",
    stranded: "Stranded actors",
    actors: "Actors",
    preview: "Preview",
  };
  return (kind && titles[kind]) ?? workflow;
}

function Tab(given: { here: boolean; href: string; children: preact.ComponentChildren }) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (given.here) link.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [given.here]);
  return (
    <a ref={link} href={given.href} aria-current={given.here ? "page" : undefined}>
      {given.children}
    </a>
  );
}

function LiveMark({ overview }: { overview: Overview }) {
  return (
    <p class="live" title="Counts come from a snapshot that all dashboards share">
      <i aria-hidden="true" /> clock {overview.clock}, counted {clockTime(overview.at)} UTC
    </p>
  );
}

/** Says aloud what an on-call person would want to know at once, and nothing else. */
function Announcer({ overview }: { overview: Overview }) {
  const before = useRef(overview);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const old = before.current;
    before.current = overview;
    if (old.workflow !== overview.workflow) return;
    const news = [];
    if (overview.versions > old.versions) news.push(`There are now ${overview.versions} versions.`);
    if (overview.actors.needs_rescue !== old.actors.needs_rescue) {
      const stranded = overview.actors.needs_rescue;
      news.push(`${actors(stranded)} now ${stranded === 1 ? "needs" : "need"} rescue.`);
    }
    if (news.length > 0) setSaid(news.join(" "));
  }, [overview]);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}
