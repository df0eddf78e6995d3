import { takeScreenshot } from "../support/take-screenshot.ts";

/** `node --import tsx test/browser/screenshot.ts PAGE-URL OUTPUT.png [light|dark] [WIDTHxHEIGHT]` */
async function main([url, path, scheme = "light", size = "1280x800"]: readonly string[]): Promise<void> {
  const [width = 0, height = 0] = size.split("x").map(Number);
  if (url === undefined || path === undefined || !(width > 0 && height > 0))
    throw new Error("usage: screenshot.ts PAGE-URL OUTPUT.png [light|dark] [WIDTHxHEIGHT]");
  const colorScheme = scheme === "dark" ? "dark" : "light";
  await takeScreenshot(url, path, { width, height, colorScheme, density: 2, fullPage: true });
}

await main(process.argv.slice(2));
