import { afterAll, beforeAll, expect } from "vitest";

/** What one file of tests could leave behind for the next one in the same process. */
function surroundings() {
  return { directory: process.cwd(), environment: { ...process.env }, exitCode: process.exitCode };
}

let before: ReturnType<typeof surroundings>;

beforeAll(() => {
  before = surroundings();
});

afterAll(() => {
  expect(surroundings()).toEqual(before);
});
