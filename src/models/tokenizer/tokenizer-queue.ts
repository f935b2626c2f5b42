/** A priority queue of numbers, the lowest first. */
export interface Queue {
  push(value: number): void;
  /** The lowest; undefined where there is none. */
  pop(): number | undefined;
}

/** A binary heap. */
export const minQueue = (): Queue => {
  const heap: number[] = [];
  const at = (place: number): number => heap[place] ?? Infinity;
  return {
    push: (value) => {
      let place = heap.length;
      for (let above = (place - 1) >> 1; place > 0 && at(above) > value; above = (place - 1) >> 1) {
        heap[place] = at(above);
        place = above;
      }
      heap[place] = value;
    },
    pop: () => {
      const [lowest] = heap;
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return lowest;
      let place = 0;
      for (;;) {
        const left = 2 * place + 1;
        const below = at(left + 1) < at(left) ? left + 1 : left;
        if (at(below) >= last) break;
        heap[place] = at(below);
        place = below;
      }
      heap[place] = last;
      return lowest;
    },
  };
};
