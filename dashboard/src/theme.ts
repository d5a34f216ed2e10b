// Light or dark: what the system says, until somebody chooses. The choice is all that is stored.

export type Theme = "auto" | "light" | "dark";
const NAME = "statekeep-theme";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];

export function theme(): Theme {
  try {
    const stored = localStorage.getItem(NAME);
    return ORDER.find((known) => known === stored) ?? "auto";
  } catch {
    return "auto";
  }
}

export function applyTheme(): void {
  const chosen = theme();
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function nextTheme(): Theme {
  const next = ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length] ?? "auto";
  try {
    localStorage.setItem(NAME, next);
  } catch {
    document.documentElement.dataset.theme = next;
    return next;
  }
  applyTheme();
  return next;
}
