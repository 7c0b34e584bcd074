// Answers that are asked for as somebody looks around: the newest question counts, and until its
// answer is there the one before stays.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, type Query } from '../base/api';

export interface Asked<T> {
  answer: T | null;
  /** The words that the answer answers; others while the next one is on its way. */
  words: Query;
  failure: unknown;
  waiting: boolean;
}

/** Asks anew when the address, the words or `turn` change, `delay` milliseconds later. Another turn of
    the same question waits for the answer that is on its way: turns that come faster than answers
    would else leave none. */
export function useAsked<T>(path: string | null, words: Query, turn = 0, delay = 0): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ answer: null, words: {}, failure: null,
    waiting: true });
  const newest = useRef(turn);
  newest.current = turn;
  const again = useRef<() => void>(() => undefined);
  const key = JSON.stringify([path, words]);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    let timer = 0, flying = false;
    const ask = () => {
      const now = newest.current;
      flying = true;
      setAsked((before) => ({ ...before, waiting: true }));
      get<T>(path, words, stop.signal)
        .then((answer) => {
          if (!stop.signal.aborted) setAsked({ answer, words, failure: null, waiting: false });
        })
        .catch((failure: unknown) => {
          if (!stop.signal.aborted) setAsked({ answer: null, words, failure, waiting: false });
        })
        .finally(() => {
          flying = false;
          if (!stop.signal.aborted && newest.current !== now) ask();
        });
    };
    again.current = () => { if (!flying && timer === 0) ask(); };
    setAsked((before) => ({ ...before, waiting: true }));
    timer = window.setTimeout(() => { timer = 0; ask(); }, delay);
    return () => { clearTimeout(timer); stop.abort(); again.current = () => undefined; };
  }, [key]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) again.current();
    first.current = false;
  }, [turn]);
  return asked;
}
