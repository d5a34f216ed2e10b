// A list of any length: only the rows in sight are in the document. Rows have one height, and more
// of them are asked for before the end comes in sight.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const SPARE = 8;
const MOST_HEIGHT = 640;

interface Given<T> {
  label: string;
  items: readonly T[];
  /** How many there are in all, where more can be asked for. */
  expected?: number;
  height?: number;
  row: (item: T, index: number) => ComponentChildren;
  onMore?: () => void;
}

export function Rows<T>({ label, items, expected, height = 44, row, onMore }: Given<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [seen, setSeen] = useState(MOST_HEIGHT);
  useLayoutEffect(() => {
    if (box.current) setSeen(box.current.clientHeight);
  }, [items.length]);
  const first = Math.max(0, Math.floor(top / height) - SPARE);
  const last = Math.min(items.length, Math.ceil((top + seen) / height) + SPARE);
  useEffect(() => {
    if (onMore && last >= items.length - SPARE) onMore();
  }, [last, items.length, onMore]);
  const scrolled = (): void => {
    const now = box.current?.scrollTop ?? 0;
    setTop((old) => (Math.abs(old - now) >= height ? now : old));
  };
  return (
    <div
      class="rows"
      ref={box}
      onScroll={scrolled}
      tabIndex={0}
      role="group"
      aria-label={label}
      style={{ maxHeight: `${MOST_HEIGHT}px` }}
    >
      <ul style={{ height: `${items.length * height}px` }}>
        {items.slice(first, last).map((item, offset) => (
          <li
            key={first + offset}
            aria-setsize={expected ?? items.length}
            aria-posinset={first + offset + 1}
            style={{ top: `${(first + offset) * height}px`, height: `${height}px` }}
          >
            {row(item, first + offset)}
          </li>
        ))}
      </ul>
    </div>
  );
}
