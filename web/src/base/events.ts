// What the server tells by itself, over one connection for the whole page. The browser opens it anew
// when it breaks.
import { useEffect, useRef } from 'preact/hooks';
import { get } from './api';
import { useSyncExternalStore } from './store';

let source: EventSource | null = null;
let opened = 0;
const again = new Set<() => void>();

let lost: unknown = null;
const losers = new Set<() => void>();
function setLost(error: unknown): void {
  lost = error;
  losers.forEach((listener) => listener());
}
/** Why the server tells nothing any more; null while it does. */
export const useLost = (): unknown => useSyncExternalStore((listener) => {
  losers.add(listener);
  return () => { losers.delete(listener); };
}, () => lost);

function events(): EventSource {
  if (source) return source;
  source = new EventSource('/api/events');
  source.addEventListener('open', () => {
    setLost(null);
    if (++opened > 1) again.forEach((take) => take());
  });
  // The browser tells no reason: a question does.
  source.addEventListener('error', () => { get('/api/state').catch(setLost); });
  return source;
}

/** Calls the newest `take` with each event of that name. */
export function useEvent<T = unknown>(name: string, take: (value: T) => void): void {
  const newest = useRef(take);
  newest.current = take;
  useEffect(() => {
    const listener = (event: Event) =>
      newest.current(JSON.parse((event as MessageEvent<string>).data) as T);
    const from = events();
    from.addEventListener(name, listener);
    return () => from.removeEventListener(name, listener);
  }, [name]);
}

/** Calls the newest `take` when the line was cut and is there again: events may be missing. */
export function useReconnect(take: () => void): void {
  const newest = useRef(take);
  newest.current = take;
  useEffect(() => {
    const listener = () => newest.current();
    again.add(listener);
    return () => { again.delete(listener); };
  }, []);
}
