// A list of actors, read page by page as it is scrolled.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem";
import { get, withQuery } from "../api/session";
import type { ActorItem, Page } from "../api/types";
import { to } from "../route";
import { count, stateText } from "../words";
import { Badge } from "./counts";
import { Loading, ProblemNotice } from "./notices";
import { useNarrow } from "./narrow";
import { Rows } from "./rows";

const PAGE = 500;

interface Given {
  label: string;
  query: Record<string, string>;
  /** How many there should be, as far as is known. */
  expected?: number;
}

interface Found {
  items: ActorItem[];
  next: string | null;
  begun: boolean;
}

const NOTHING: Found = { items: [], next: null, begun: false };

export function ActorRows({ label, query, expected }: Given) {
  const asked = withQuery("actors", query);
  const [found, setFound] = useState<Found>(NOTHING);
  const [problem, setProblem] = useState<Problem>();
  const narrow = useNarrow();
  const reading = useRef<AbortController | undefined>(undefined);
  const read = useCallback(
    (from: string | null) => {
      reading.current = new AbortController();
      const { signal } = reading.current;
      get<Page<ActorItem>>(withQuery(asked, { limit: PAGE, cursor: from }), signal)
        .then((page) => {
          if (signal.aborted) return;
          reading.current = undefined;
          setProblem(undefined);
          setFound((old) => ({
            items: from === null ? page.items : [...old.items, ...page.items],
            next: page.next,
            begun: true,
          }));
        })
        .catch((error: unknown) => {
          if (signal.aborted) return;
          reading.current = undefined;
          setProblem(asProblem(error));
        });
    },
    [asked],
  );
  useEffect(() => {
    setFound(NOTHING);
    read(null);
    return () => {
      reading.current?.abort();
      reading.current = undefined;
    };
  }, [read]);
  const more = useCallback(() => {
    if (found.next !== null && reading.current === undefined && problem === undefined) read(found.next);
  }, [found.next, read, problem]);
  return (
    <>
      {problem && <ProblemNotice problem={problem} />}
      {problem && (
        <button type="button" onClick={() => read(found.next)}>
          Try again
        </button>
      )}
      {!found.begun && !problem && <Loading what="actors" />}
      {found.begun && found.items.length === 0 && <p class="empty-line">Nobody.</p>}
      {found.items.length > 0 && (
        <>
          <p class="dim" role="status">
            {count(found.items.length)} read{found.next ? ", more come as you scroll" : ""}
          </p>
          <Rows
            label={label}
            items={found.items}
            height={narrow ? 62 : 44}
            row={(actor) => <Line actor={actor} />}
            onMore={more}
            {...(expected === undefined ? {} : { expected: Math.max(expected, found.items.length) })}
          />
        </>
      )}
    </>
  );
}

function Line({ actor }: { actor: ActorItem }) {
  return (
    <div class="line actor" data-actor={actor.id}>
      <a class="name" href={to(["actors", actor.id])}>
        {actor.id}
      </a>
      <span class="facts">
        {stateText(actor.stateValue)} <span class="dim">{actor.version}</span>
      </span>
      <Badge status={actor.status} />
      {actor.reason && <span class="dim">{actor.reason}</span>}
    </div>
  );
}
