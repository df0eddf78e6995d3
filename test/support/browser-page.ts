import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type PageServer, startPageServer } from "../../local/server/page-server.ts";
import { launchChromium } from "./chromium.ts";
import { demoState } from "./demo-page.ts";
import { type FakePage, fakePage } from "./fake-page.ts";

/** A page in Chromium, served from a fake of the running system. */
export interface BrowserPage {
  readonly fake: FakePage;
  readonly page: Page;
  readonly browser: Browser;
  /** `http://127.0.0.1:…`. */
  readonly url: string;
  /** Errors of the page, what its Content Security Policy refused, and bugs of the server. */
  readonly problems: readonly string[];
  /** Goes to a place of the page and waits until its state is known. */
  readonly open: (hash?: string) => Promise<void>;
}

interface Opened {
  fake: FakePage;
  server: PageServer;
  page: Page;
  problems: string[];
}

/** A fresh page for each test of a file; its members are those of the test that runs. */
export function browserPage(): BrowserPage {
  let browser: Browser;
  let now: Opened;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    now = await opened(browser);
  });
  afterEach(async () => {
    await now.page.close();
    await now.server.stop();
  });
  return {
    get fake() {
      return now.fake;
    },
    get page() {
      return now.page;
    },
    get browser() {
      return browser;
    },
    get url() {
      return now.server.url;
    },
    get problems() {
      return now.problems;
    },
    open: async (hash = "") => {
      await now.page.goto(`${now.server.url}/${hash}`);
      await now.page.waitForSelector("#state:not(:has-text('Asking'))");
    },
  };
}

async function opened(browser: Browser): Promise<Opened> {
  const problems: string[] = [];
  const fake = fakePage(demoState(Date.now()));
  const { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics, ask } = fake;
  const options = { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics, ask };
  const log = (message: string): void => void problems.push(message);
  const server = await startPageServer({ port: 0, ...options, log });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) problems.push(message.text());
  });
  return { fake, server, page, problems };
}
