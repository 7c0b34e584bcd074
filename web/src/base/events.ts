// What the server tells by itself, over one connection for the whole page. The browser opens it anew
// when it breaks.
import { useEffect, useRef } from 'preact/hooks';

let source: EventSource | null = null;
let opened = 0;
const again = new Set<() => void>();

function events(): EventSource {
  if (source) return source;
  source = new EventSource('/api/events');
  source.addEventListener('open', () => {
    if (++opened > 1) again.forEach((take) => take());
  });
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
