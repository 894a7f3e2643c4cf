/** Whole numbers, each by a position. */
export type Numbers = Int32Array;

export function upTo(size: number): Numbers {
  const all = new Int32Array(size);
  for (let at = 0; at < size; at += 1) all[at] = at;
  return all;
}

/** Where positions begin at which a number is, once all are sorted. */
function startsOf(numbers: Numbers, positions: Numbers, size: number): Numbers {
  const starts = new Int32Array(size);
  for (const at of positions) starts[numbers[at] as number] = (starts[numbers[at] as number] as number) + 1;
  let before = 0;
  for (let number = 0; number < size; number += 1) {
    const many = starts[number] as number;
    starts[number] = before;
    before += many;
  }
  return starts;
}

/**
 * Positions by the number at each, ascending; those of one number stay as they are. Counting looks at each twice, where comparing does again and again.
 *
 * @param size above every number
 */
export function sortedBy(numbers: Numbers, positions: Numbers, size: number): Numbers {
  const nextOf = startsOf(numbers, positions, size);
  const sorted = new Int32Array(positions.length);
  for (const at of positions) {
    const number = numbers[at] as number;
    const next = nextOf[number] as number;
    sorted[next] = at;
    nextOf[number] = next + 1;
  }
  return sorted;
}
