import { useState } from "preact/hooks";
import type { Me } from "../api/types";
import { to } from "../route";
import { nextTheme, theme } from "../theme";

export function TopBar({ me, onSignOut }: { me: Me; onSignOut: () => void }) {
  const [look, setLook] = useState(theme());
  const search = (event: SubmitEvent): void => {
    event.preventDefault();
    const field = new FormData(event.currentTarget as HTMLFormElement).get("q");
    const asked = String(field ?? "").trim();
    if (asked) location.hash = to(["search"], { q: asked });
  };
  return (
    <header class="top">
      <a class="brand" href="#/">
        <Mark />
        StateKeep
      </a>
      <form class="search" role="search" onSubmit={search}>
        <label class="unseen" for="search">
          Find an actor, a version, a change-point or a workflow by its id
        </label>
        <input id="search" name="q" type="search" placeholder="Find by id" autocomplete="off" spellcheck={false} />
      </form>
      <span class="who" title={`Key ${me.keyId}`}>
        <b>{me.tenant}</b> <span class="dim">{me.roles.join(", ")}</span>
      </span>
      <button type="button" class="quiet" onClick={() => setLook(nextTheme())} title="Change the theme">
        <span class="label">Theme: </span>
        {look}
      </button>
      <button type="button" class="quiet" onClick={onSignOut}>
        Sign out
      </button>
    </header>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 22h6c4 0 4-12 8-12h2" />
      <circle cx="8" cy="22" r="3" />
      <circle cx="24" cy="10" r="3" />
    </svg>
  );
}
