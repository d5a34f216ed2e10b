// Whether the screen is a phone's: rows have two lines there, as in style.css.

import { useEffect, useState } from "preact/hooks";

export function useNarrow(): boolean {
  const [asked] = useState(() => matchMedia("(max-width: 52rem)"));
  const [narrow, setNarrow] = useState(asked.matches);
  useEffect(() => {
    const changed = (): void => setNarrow(asked.matches);
    asked.addEventListener("change", changed);
    return () => asked.removeEventListener("change", changed);
  }, [asked]);
  return narrow;
}
