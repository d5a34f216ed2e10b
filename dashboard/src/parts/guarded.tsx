// Catches what a page throws, so that a fault of ours is a sentence and never a blank page.

import { Component, type ComponentChildren } from "preact";
import { asProblem, type Problem } from "../api/problem";
import { ProblemNotice } from "./notices";

interface Given {
  where: string;
  children: ComponentChildren;
}

export class Guarded extends Component<Given, { problem: Problem | null }> {
  override state = { problem: null };

  static override getDerivedStateFromError(error: unknown): { problem: Problem } {
    return { problem: asProblem(error) };
  }

  override render({ children }: Given, { problem }: { problem: Problem | null }) {
    return problem === null ? children : <ProblemNotice problem={problem} />;
  }
}
