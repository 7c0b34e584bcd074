// Questions that take the server a while: it answers 202 with how far it is, and is asked again.
import { useEffect, useState } from 'preact/hooks';
import { ask, type Query } from '../base/api';

export interface Asking<T> {
  value: T | null;
  progress: { done: number; total: number } | null;
  failure: unknown;
}

const AGAIN_MS = 400;

/** Asks until there is an answer; null asks nothing. */
export function useAnswer<T>(path: string | null, query: Query): Asking<T> {
  const [answer, setAnswer] = useState<Asking<T>>({ value: null, progress: null, failure: null });
  const key = path === null ? '' : path + JSON.stringify(query);
  useEffect(() => {
    setAnswer({ value: null, progress: null, failure: null });
    if (path === null) return undefined;
    let left = false,
      timer = 0;
    const again = () => {
      ask<T>(path, query)
        .then((got) => {
          if (left) return;
          if (got.status === 202) {
            setAnswer({
              value: null,
              failure: null,
              progress: got.body as unknown as { done: number; total: number },
            });
            timer = window.setTimeout(again, AGAIN_MS);
          } else {
            setAnswer({ value: got.body, progress: null, failure: null });
          }
        })
        .catch((failure: unknown) => {
          if (!left) setAnswer({ value: null, progress: null, failure });
        });
    };
    again();
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [key]);
  return answer;
}
