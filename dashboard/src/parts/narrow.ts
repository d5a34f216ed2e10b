// Whether the screen is narrower than the widths of style.css: rows have two lines there.

import { useEffect, useState } from "preact/hooks";

export function useNarrow(width: "36rem" | "52rem" = "52rem"): boolean {
  const [asked] = useState(() => matchMedia(`(max-width: ${width})`));
  const [narrow, setNarrow] = useState(asked.matches);
  useEffect(() => {
    const changed = (): void => setNarrow(asked.matches);
    asked.addEventListener("change", changed);
    return () => asked.removeEventListener("change", changed);
  }, [asked]);
  return narrow;
}
