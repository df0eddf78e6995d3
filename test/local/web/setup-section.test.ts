import { expect, test } from "vitest";
import { curlLine } from "../../../local/web/setup-section.ts";

test("the curl line fetches the token and quotes the address", () => {
  const line = curlLine({ tokenCommand: "show-token", functionUrl: "http://127.0.0.1:1/'x" });
  expect(line).toContain('TOKEN="$(show-token)"');
  expect(line).toContain("'http://127.0.0.1:1/%27x'");
});
