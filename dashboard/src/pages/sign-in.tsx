import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem";
import { signIn } from "../api/session";
import type { Me } from "../api/types";
import { ProblemNotice } from "../parts/notices";
import { Mark } from "../parts/top-bar";

interface Given {
  /** Why the last session ended. */
  ended: Problem | undefined;
  onSignedIn: (me: Me) => void;
}

export function SignIn({ ended, onSignedIn }: Given) {
  const [problem, setProblem] = useState<Problem>();
  const [asking, setAsking] = useState(false);
  const [namesTenant, setNamesTenant] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const key = String(fields.get("key") ?? "").trim();
    const tenant = String(fields.get("tenant") ?? "").trim();
    setAsking(true);
    setProblem(undefined);
    try {
      onSignedIn(await signIn(key, tenant || null));
    } catch (error) {
      const found = asProblem(error);
      setNamesTenant((before) => before || found.code === "TenantMissing");
      setProblem(found);
      setAsking(false);
    }
  };
  const told = problem ?? ended;
  return (
    <main class="sign-in" id="main">
      <form onSubmit={(event) => void submit(event)}>
        <h1>
          <Mark /> StateKeep
        </h1>
        {told && <ProblemNotice problem={told} />}
        <label for="key">API key</label>
        <input id="key" name="key" type="password" required autocomplete="current-password" autofocus spellcheck={false} />
        {namesTenant && (
          <>
            <label for="tenant">Tenant (namespace)</label>
            <input id="tenant" name="tenant" required autocomplete="off" spellcheck={false} />
          </>
        )}
        <button type="submit" class="primary" disabled={asking}>
          {asking ? "Signing in…" : "Sign in"}
        </button>
        <p class="dim">
          The key stays in this tab's memory: it is stored nowhere, and a reload asks for it again. What you see is what
          its role may read.
        </p>
      </form>
    </main>
  );
}
