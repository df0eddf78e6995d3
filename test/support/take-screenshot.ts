import { launchChromium } from "./chromium.ts";

/** How a picture is taken. */
export interface Shot {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "light" | "dark";
  /** Pixels of the picture to one of the page. */
  readonly density: number;
  /** The whole page instead of what the window shows. */
  readonly fullPage: boolean;
}

/** Writes a picture of a page to `path` as PNG, once its first section is drawn. */
export async function takeScreenshot(url: string, path: string, shot: Shot): Promise<void> {
  const { width, height, colorScheme, density: deviceScaleFactor, fullPage } = shot;
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme, deviceScaleFactor });
    await page.goto(url);
    await page.waitForSelector(".widget, .card, .empty:not(:has-text('Loading')), table");
    await page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
    await page.screenshot({ path, fullPage });
  } finally {
    await browser.close();
  }
}
