// Where things go in a drawing. ELK computes it in a worker of its own, which is loaded when the
// first drawing is: neither its size nor its time is ever in the way of the page.

import ElkApi, { type ElkNode } from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";

const PATIENCE_MS = 15_000;

export type { ElkNode };

export class TooSlow extends Error {}

let elk: InstanceType<typeof ElkApi> | undefined;

export async function layout(graph: ElkNode): Promise<ElkNode> {
  elk ??= new ElkApi({ workerFactory: () => new Worker(new URL(workerUrl, import.meta.url)) });
  const engine = elk;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, refuse) => {
    timer = setTimeout(() => refuse(new TooSlow("the layout took too long")), PATIENCE_MS);
  });
  try {
    return await Promise.race([engine.layout(graph), late]);
  } catch (error) {
    if (error instanceof TooSlow) {
      engine.terminateWorker();
      elk = undefined;
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Which way a drawing grows: across a screen, and down a phone. */
export function direction(): "RIGHT" | "DOWN" {
  return matchMedia("(max-width: 36rem)").matches ? "DOWN" : "RIGHT";
}

let pen: CanvasRenderingContext2D | null | undefined;

/** How wide a text is, in the fonts of the drawings. */
export function width(text: string, font: "name" | "label"): number {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * 8;
  pen.font = font === "name" ? "600 13px system-ui, sans-serif" : "12px system-ui, sans-serif";
  return Math.ceil(pen.measureText(text).width);
}

/** A text of at most so many characters. */
export function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
