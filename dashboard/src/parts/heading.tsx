// A page's heading: names the page to the browser too, and takes the focus when the page comes, so
// that a screen reader says where one is.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Given {
  title: string;
  /** What stands before it, such as where it belongs. */
  above?: ComponentChildren;
  children?: ComponentChildren;
}

let pagesSeen = 0;

export function Heading({ title, above, children }: Given) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · StateKeep`;
    if (pagesSeen > 0) heading.current?.focus({ preventScroll: true });
    pagesSeen += 1;
    window.scrollTo(0, 0);
  }, [title]);
  return (
    <header class="page-head">
      {above && <p class="above">{above}</p>}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </header>
  );
}
