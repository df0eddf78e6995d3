import { launchChromium } from "../support/chromium.ts";

/** `node --import tsx test/browser/screenshot.ts PAGE-URL OUTPUT.png [light|dark] [WIDTHxHEIGHT]` */
async function main([url, path, scheme = "light", size = "1280x800"]: readonly string[]): Promise<void> {
  const [width = 0, height = 0] = size.split("x").map(Number);
  if (url === undefined || path === undefined || !(width > 0 && height > 0))
    throw new Error("usage: screenshot.ts PAGE-URL OUTPUT.png [light|dark] [WIDTHxHEIGHT]");
  const browser = await launchChromium();
  try {
    const colorScheme = scheme === "dark" ? "dark" : "light";
    const page = await browser.newPage({ viewport: { width, height }, colorScheme, deviceScaleFactor: 2 });
    await page.goto(url);
    await page.waitForSelector(".widget, .card, .empty:not(:has-text('Loading')), table");
    await page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
    await page.screenshot({ path, fullPage: true });
  } finally {
    await browser.close();
  }
}

await main(process.argv.slice(2));
