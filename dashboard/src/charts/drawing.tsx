// What all drawings share: a frame that scrolls and zooms, and arrows along a computed way.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ElkNode } from "./layout";

interface Given {
  label: string;
  width: number;
  height: number;
  children: ComponentChildren;
}

const STEP = 1.25;
const READABLE = 0.7;

export function Drawing({ label, width, height, children }: Given) {
  const box = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState<number>();
  const fit = (least: number): void => {
    const room = (box.current?.clientWidth ?? width) - 24;
    setScale(Math.max(least, Math.min(1, room / width)));
  };
  useLayoutEffect(() => fit(READABLE), [width, height]);
  const zoom = (by: number): void => setScale((old = 1) => Math.max(0.2, Math.min(3, old * by)));
  const now = scale ?? 1;
  return (
    <figure class="drawing">
      <div class="zoom">
        <button type="button" class="quiet" aria-label="Smaller" onClick={() => zoom(1 / STEP)}>
          −
        </button>
        <button type="button" class="quiet" onClick={() => fit(0.1)}>
          Fit
        </button>
        <button type="button" class="quiet" aria-label="Larger" onClick={() => zoom(STEP)}>
          +
        </button>
      </div>
      <div class="canvas" ref={box} tabIndex={0} role="group" aria-label={label}>
        <svg width={width * now} height={height * now} viewBox={`0 0 ${width} ${height}`} class="chart">
          <defs>
            <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8z" />
            </marker>
          </defs>
          {children}
        </svg>
      </div>
    </figure>
  );
}

type Edge = NonNullable<ElkNode["edges"]>[number];

/** The way of an edge as an SVG path, its corners rounded. */
export function wayOf(edge: Edge): string {
  return (edge.sections ?? [])
    .map((section) => {
      const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
      return points.map((point, at) => stepTo(points, point, at)).join("");
    })
    .join("");
}

type Point = { x: number; y: number };
const ROUND = 6;

function stepTo(points: Point[], point: Point, at: number): string {
  const before = points[at - 1];
  const after = points[at + 1];
  if (!before) return `M${point.x} ${point.y}`;
  if (!after) return `L${point.x} ${point.y}`;
  const from = towards(point, before);
  const on = towards(point, after);
  return `L${from.x} ${from.y}Q${point.x} ${point.y} ${on.x} ${on.y}`;
}

function towards(here: Point, there: Point): Point {
  const far = Math.hypot(there.x - here.x, there.y - here.y);
  const share = far === 0 ? 0 : Math.min(ROUND, far / 2) / far;
  return { x: here.x + (there.x - here.x) * share, y: here.y + (there.y - here.y) * share };
}
