import { describe, expect, test } from "vitest";
import { FunctionVersions } from "../../../local/function/function-versions.ts";

const CONFIGURATION = { memoryMb: 256, timeoutSeconds: 30, description: "agent" };

function bookAt(nowMs = 1_000): FunctionVersions {
  return new FunctionVersions({
    versions: { $LATEST: "$LATEST", "4": "4", live: "4" },
    configuration: CONFIGURATION,
    now: () => nowMs,
  });
}

const numbers = (book: FunctionVersions): readonly string[] => book.versions().map(({ version }) => version);

describe("versions of a function", () => {
  test("begin with those of the template", () => {
    const book = bookAt();
    expect(numbers(book)).toEqual(["$LATEST", "4"]);
    expect(book.aliases()).toMatchObject([{ name: "live", version: "4" }]);
    expect(book.find("live")).toBe(book.find("4"));
    expect(book.find("live")).toMatchObject({ ...CONFIGURATION, version: "4", modifiedMs: 1_000 });
    expect(book.find("5")).toBeUndefined();
  });

  test("are not published twice while nothing has changed", () => {
    expect(bookAt().publish("the same")).toMatchObject({ version: "4", description: "agent" });
  });

  test.each([{ memoryMb: 512 }, { timeoutSeconds: 31 }, { description: "changed" }])(
    "are published once $LATEST has changed to %j, and stay as they are",
    (changes) => {
      const book = bookAt();
      book.configure(changes);
      expect(book.publish()).toMatchObject({ version: "5", ...CONFIGURATION, ...changes });
      expect(book.publish()).toMatchObject({ version: "5" });
      book.configure(CONFIGURATION);
      expect(book.find("5")).toMatchObject(changes);
      expect(book.find("4")).toMatchObject(CONFIGURATION);
      expect(book.publish("back")).toMatchObject({ version: "6", ...CONFIGURATION, description: "back" });
    },
  );

  test("are another object with another revision after a change", () => {
    const book = bookAt();
    const before = book.find("$LATEST");
    const after = book.configure({ memoryMb: 512 });
    expect(after.revisionId).not.toBe(before?.revisionId);
    expect(book.find("$LATEST")).toBe(after);
    const [alias] = book.aliases();
    expect(book.moveAlias("live", "$LATEST").revisionId).not.toBe(alias?.revisionId);
  });

  test("are drawn by the weights of an alias, and all of them are told", () => {
    const book = bookAt();
    book.configure({ memoryMb: 512 });
    book.publish();
    book.moveAlias("live", "4", { "5": 0.25 });
    const drawn = [0, 0.24, 0.25, 0.99].map((draw) => book.route("live", draw)?.version);
    expect(drawn).toEqual(["5", "5", "4", "4"]);
    expect(book.routed("live").map(({ version }) => version)).toEqual(["4", "5"]);
    // The alias itself still means its own version, for whoever asks what it is.
    expect(book.find("live")?.version).toBe("4");
    expect(book.remove("5")).toMatchObject({ name: "live" });
    expect(book.route("$LATEST", 0)?.version).toBe("$LATEST");
    expect(book.route("none", 0)).toBeUndefined();
  });

  test("are removed unless an alias means them; their numbers never come back", () => {
    const book = bookAt();
    book.configure({ memoryMb: 512 });
    book.publish();
    expect(book.remove("4")).toMatchObject({ name: "live" });
    expect(book.remove("5")).toBeUndefined();
    expect(numbers(book)).toEqual(["$LATEST", "4"]);
    book.configure({ memoryMb: 1024 });
    expect(book.publish().version).toBe("6");
  });
});

test("a function without versions publishes number 1", () => {
  const versions = { $LATEST: "$LATEST" };
  const book = new FunctionVersions({ versions, configuration: CONFIGURATION, now: () => 0 });
  expect(book.publish("first")).toMatchObject({ version: "1", description: "first" });
});
