// The way of the values beside the list of layers: lanes, as in the history of a repository. A value
// keeps its lane until the last layer that takes it; what comes out of a layer goes on in the first
// lane that is free.
import type { Node } from './types';

export interface Row {
  /** Where the layer stands. */
  lane: number;
  /** Where its values come from. */
  from: number[];
  /** Lanes that pass by, or go on below since another layer takes the value too. */
  past: number[];
  /** Somebody takes what it gives. */
  goes: boolean;
}

export interface Lanes { rows: Row[]; count: number }

export function lanesOf(nodes: Node[], last: string[]): Lanes {
  const takers = new Map<string, number>();
  const take = (name: string) => takers.set(name, (takers.get(name) ?? 0) + 1);
  for (const node of nodes) new Set(node.inputs).forEach(take);
  last.forEach(take);
  const lanes: (string | null)[] = ['input'];
  let count = 1;
  const rows = nodes.map((node): Row => {
    const from = [...new Set(node.inputs)].map((name) => lanes.indexOf(name)).filter((lane) => lane >= 0);
    for (const lane of from) {
      const name = lanes[lane]!;
      takers.set(name, takers.get(name)! - 1);
      if (takers.get(name) === 0) lanes[lane] = null;
    }
    const past = lanes.flatMap((name, lane) => (name === null ? [] : [lane]));
    const goes = (takers.get(node.name) ?? 0) > 0;
    // In the lane of what it took where that one is free now, else in the first that is.
    const freed = from.filter((lane) => lanes[lane] === null);
    let lane = freed.length > 0 ? Math.min(...freed) : lanes.indexOf(null);
    if (lane < 0) lane = lanes.length;
    lanes[lane] = goes ? node.name : null;
    count = Math.max(count, lane + 1);
    return { lane, from, past, goes };
  });
  return { rows, count };
}
