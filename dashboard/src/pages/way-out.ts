// The way out of a stranding, in a sentence, by its reason.

import type { Stuck } from "../api/types";
import { leaves, listText, stateOf } from "../words";

export function wayOut(kind: Stuck, state: string, target: string | undefined): string {
  const next = `deploy a next version with parent ${target ?? "the version they were on their way to"}`;
  const byHand = "One actor alone can be rescued by hand: statekeep rescue ACTOR.";
  switch (kind.reason) {
    case "HistoryNotAccepted":
    case "HistoryDoesNotExplainState":
      return `Their history cannot be replayed in the target: ${next} that maps ${state}, or whose landing is not Replay. ${byHand}`;
    case "LandingNotStable":
      return `The landing runs into an endless loop: ${next} in which that loop is broken. ${byHand}`;
    case "MappingConflict":
      return `The mapping puts them in two places at once: ${next} that maps ${state} to one. ${byHand}`;
    case "MappingIncomplete":
    case "NotMapped":
      return `Nothing says where they belong: ${next} and a mapping that covers every part of ${state}. ${byHand}`;
    default:
      return `The target has no place for them: ${next} and a mapping of ${state} to the state that takes its place. ${byHand}`;
  }
}

/** The innermost state to map first. */
export function leafOf(state: string): string {
  return listText(leaves(stateOf(state), ""));
}
