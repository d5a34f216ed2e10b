// The frame: who is signed in, which page is shown, and what is said where a page cannot be.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "./api/problem";
import { onEnd, signOut } from "./api/session";
import type { Me } from "./api/types";
import { ActorPage } from "./pages/actor";
import { SearchPage } from "./pages/search";
import { SignIn } from "./pages/sign-in";
import { WorkflowFrame } from "./pages/workflow-frame";
import { WorkflowsPage } from "./pages/workflows";
import { Guarded } from "./parts/guarded";
import { Empty } from "./parts/notices";
import { TopBar } from "./parts/top-bar";
import { type Route, useRoute } from "./route";
import { MeContext } from "./session-context";

export function App() {
  const [me, setMe] = useState<Me>();
  const [ended, setEnded] = useState<Problem>();
  const route = useRoute();
  useEffect(() => {
    onEnd((problem) => {
      signOut();
      setEnded(problem);
      setMe(undefined);
    });
  }, []);
  if (me === undefined) {
    const enter = (who: Me): void => {
      setEnded(undefined);
      setMe(who);
    };
    return <SignIn ended={ended} onSignedIn={enter} />;
  }
  const leave = (): void => {
    signOut();
    setMe(undefined);
  };
  const place = location.hash;
  return (
    <MeContext.Provider value={me}>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <TopBar me={me} onSignOut={leave} />
      <Main key={route.parts.slice(0, 2).join("/")}>
        <Guarded where={place} key={place}>
          <PageOf route={route} />
        </Guarded>
      </Main>
    </MeContext.Provider>
  );
}

function PageOf({ route }: { route: Route }) {
  const [kind, name, ...rest] = route.parts;
  if (kind === undefined) return <WorkflowsPage />;
  if (kind === "w" && name !== undefined)
    return <WorkflowFrame workflow={name} rest={rest} query={route.query} />;
  if (kind === "actors" && name !== undefined) return <ActorPage id={name} />;
  if (kind === "search") return <SearchPage asked={route.query.get("q") ?? ""} />;
  return (
    <Empty title="There is no such page">
      <a href="#/">All workflows</a> is where everything begins.
    </Empty>
  );
}

function Main({ children }: { children: preact.ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {children}
    </main>
  );
}

/** The address of a page stands after `#` already, so a link to a place in it must be a script. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
