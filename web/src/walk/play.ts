// Going from stop to stop: by hand, or by itself.
import { useEffect, useState } from 'preact/hooks';

export interface Play {
  at: number;
  playing: boolean;
  /** Stops a second. */
  speed: number;
  go: (to: number) => void;
  toggle: () => void;
  setSpeed: (speed: number) => void;
}

export const SPEEDS = [0.5, 1, 2, 4, 10, 30];
export const stands = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Over `count` stops, from `first` on; ends at the last one, and begins anew from there. */
export function usePlay(count: number, first = 0, starts = false): Play {
  const [at, setAt] = useState(Math.min(first, Math.max(0, count - 1)));
  const [playing, setPlaying] = useState(starts && !stands() && count > 1);
  const [speed, setSpeed] = useState(1);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setAt((now) => Math.min(now + 1, count - 1)), 1000 / speed);
    return () => clearInterval(timer);
  }, [playing, speed, count]);
  useEffect(() => { if (playing && at >= count - 1) setPlaying(false); }, [at, playing, count]);
  return {
    at: Math.min(at, Math.max(0, count - 1)),
    playing,
    speed,
    go: (to) => { setPlaying(false); setAt(Math.min(Math.max(0, to), count - 1)); },
    toggle: () => {
      if (!playing && at >= count - 1) setAt(0);
      setPlaying(!playing);
    },
    setSpeed,
  };
}
