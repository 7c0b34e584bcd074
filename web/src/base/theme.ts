// Light or dark: as the system has it, until somebody chooses.
import { useSyncExternalStore } from './store';

export type Theme = 'light' | 'dark';

const KEY = 'fovea.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function kept(): Theme | null {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : null;
}

let chosen = kept();
if (chosen) document.documentElement.dataset.theme = chosen;

const present = (): Theme => chosen ?? (dark.matches ? 'dark' : 'light');
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  dark.addEventListener('change', listener);
  return () => { listeners.delete(listener); dark.removeEventListener('change', listener); };
};

export function setTheme(next: Theme): void {
  chosen = next;
  localStorage.setItem(KEY, next);
  document.documentElement.dataset.theme = next;
  listeners.forEach((listener) => listener());
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, present);
}
