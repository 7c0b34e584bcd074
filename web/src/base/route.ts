// Where the page stands: "#/network?model=run:exp&layer=layer1.0", so that it can be gone back to and
// passed on.
import { useSyncExternalStore } from './store';

const WRITE_MS = 150;

export interface Route {
  tab: string;
  words: Record<string, string>;
  /** Counts the addresses that came from outside: links, the way back. */
  visit: number;
}

function parse(hash: string, visit: number): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { tab: path, words: Object.fromEntries(new URLSearchParams(query)), visit };
}

let route = parse(location.hash, 0);
let seen = location.hash;  // what the browser's line said when it was last read or written
let unwritten: string | null = null;  // what it does not say yet
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());
addEventListener('hashchange', () => {
  seen = location.hash;
  unwritten = null;
  route = parse(location.hash, route.visit + 1);
  tell();
});

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

export const useRoute = (): Route => useSyncExternalStore(subscribe, () => route);

const address = (tab: string, words: Record<string, string | undefined>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) if (value) query.append(name, value);
  const text = query.toString().replaceAll('%3A', ':').replaceAll('%2C', ',');
  return `#/${tab}${text === '' ? '' : `?${text}`}`;
};

/** Goes to a tab: a step that the browser can go back. */
export function goTo(tab: string, words: Record<string, string | undefined> = {}): void {
  location.hash = address(tab, words);
}

/** The same place, with other words: no step of its own. A window that is dragged changes them often,
    and browsers take some ten such changes a second, so that the last one is written a little later.
    Between a click on a link and the word of it the line names another place already: that stands. */
export function stayAt(tab: string, words: Record<string, string | undefined>): void {
  if (location.hash !== seen) return;
  const next = address(tab, words);
  if (unwritten === null) {
    setTimeout(() => {
      if (unwritten !== null && location.hash === seen) {
        history.replaceState(null, '', unwritten);
        seen = location.hash;
      }
      unwritten = null;
    }, WRITE_MS);
  }
  unwritten = next;
  route = parse(next, route.visit);
  tell();
}
