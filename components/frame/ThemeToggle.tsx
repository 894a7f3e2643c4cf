"use client";
import { Monitor, Moon, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { THEME_COOKIE } from "./themeCookie.ts";

const THEMES = ["system", "light", "dark"] as const;
type ThemeChoice = (typeof THEMES)[number];
const ICONS = { system: Monitor, light: Sun, dark: Moon } as const;
const YEAR_SECONDS = 31_536_000;

function remember(theme: ThemeChoice): void {
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=strict`;
}

/** Three-way: what the system says, light, dark. The cookie lets the server draw the first page right. */
export function ThemeToggle() {
  const [theme, setTheme] = useState<ThemeChoice>("system");
  useEffect(() => {
    const chosen = document.documentElement.dataset["theme"];
    if (chosen === "light" || chosen === "dark") setTheme(chosen);
  }, []);
  const Icon = ICONS[theme];
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  return (
    <button
      type="button"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
      className="grid size-8 place-items-center rounded-md text-quiet hover:bg-hover hover:text-text"
      onClick={() => {
        setTheme(next);
        document.documentElement.dataset["theme"] = next;
        remember(next);
      }}
    >
      <Icon aria-hidden="true" size={16} />
    </button>
  );
}
