import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { storySvg } from "../support/story-svg.ts";

const IMAGES = join(import.meta.dirname, "..", "..", "docs", "images");
const README = readFileSync(join(IMAGES, "..", "..", "README.md"), "utf8");

test.each(readdirSync(IMAGES))("%s is shown by the README and quickly loaded", (name) => {
  expect(README).toContain(`docs/images/${name}`);
  expect(statSync(join(IMAGES, name)).size).toBeLessThan(1_000_000);
});

test("the story plays half a minute by itself, and stands still for who asks for less motion", () => {
  const story = readFileSync(join(IMAGES, "story.svg"), "utf8");
  expect(story.match(/<image /g)).toHaveLength(6);
  expect(story).toContain("animation: turn 30s");
  expect(story).toContain("prefers-reduced-motion: reduce");
  expect(story).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
});

test("a story's captions are text, whatever their signs", () => {
  const frame = { caption: 'a < b & "c"', jpeg: Buffer.from("x") };
  const svg = storySvg([frame, frame], { width: 10, height: 10 });
  expect(svg).toContain("1. a &lt; b &amp; &quot;c&quot;");
  expect(svg).toContain("animation-delay:5s");
});
