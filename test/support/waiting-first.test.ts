import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import WaitingFirst, { WAITING } from "./waiting-first.ts";

type Sorted = Parameters<WaitingFirst["sort"]>[0];

/** The order in which a run with this seed begins these files. */
async function order(seed: number, names: readonly string[]): Promise<readonly string[]> {
  const context = { config: { sequence: { seed } } };
  const sequencer = new WaitingFirst(context as ConstructorParameters<typeof WaitingFirst>[0]);
  const files = names.map((name) => ({ moduleId: `/project/test/${name}.test.ts` })) as Sorted;
  return (await sequencer.sort(files)).map(({ moduleId }) =>
    moduleId.slice("/project/test/".length, -".test.ts".length),
  );
}

test.each(WAITING)("%s, which waits, is there", (name) => {
  expect(existsSync(join(import.meta.dirname, "..", `${name}.test.ts`))).toBe(true);
});

test("files that wait begin first, the others in an order that the seed decides", async () => {
  const others = Array.from({ length: 20 }, (_, n) => `lib/part-${n}`);
  const first = await order(1, [...others, ...WAITING]);
  expect(first.slice(0, WAITING.length)).toEqual(WAITING);
  expect(await order(1, [...others, ...WAITING])).toEqual(first);
  const second = await order(2, [...others, ...WAITING]);
  expect(second).not.toEqual(first);
  expect(second.toSorted()).toEqual(first.toSorted());
});
