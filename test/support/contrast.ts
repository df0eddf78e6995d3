import type { Page } from "playwright-core";

/** A text that is harder to read than WCAG 2.1 AA allows. */
export interface PoorText {
  readonly text: string;
  readonly ratio: number;
  readonly color: string;
  readonly background: string;
}

/**
 * Every visible text of a page whose contrast with what it stands on is below AA, canvases apart.
 * https://www.w3.org/TR/WCAG21/#contrast-minimum
 */
export function poorTexts(page: Page): Promise<readonly PoorText[]> {
  return page.evaluate(`(() => {
    const canvas = new OffscreenCanvas(1, 1);
    const ctx = canvas.getContext("2d", { willReadFrequently: true });
    const paint = (colors) => {
      ctx.clearRect(0, 0, 1, 1);
      for (const color of colors) { ctx.fillStyle = color; ctx.fillRect(0, 0, 1, 1); }
      return [...ctx.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (rgb) => rgb
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const ratioOf = (a, b) => {
      const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
      return (high + 0.05) / (low + 0.05);
    };
    const grounds = (element) => {
      const all = [];
      for (let at = element; at !== null; at = at.parentElement) all.unshift(getComputedStyle(at).backgroundColor);
      return all;
    };
    const opacity = (element) => {
      let all = 1;
      for (let at = element; at !== null; at = at.parentElement) all *= Number(getComputedStyle(at).opacity);
      return all;
    };
    const isLarge = ({ fontSize, fontWeight }) =>
      parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
    const poor = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      const element = walker.currentNode.parentElement;
      const { width, height } = element.getBoundingClientRect();
      if (text === "" || width <= 1 || height <= 1 || element.closest(":disabled, svg, noscript")) continue;
      const style = getComputedStyle(element);
      const background = paint(grounds(element));
      const part = opacity(element);
      const full = paint([...grounds(element), style.color]);
      const color = full.map((one, i) => Math.round(part * one + (1 - part) * background[i]));
      const ratio = ratioOf(color, background);
      if (ratio < (isLarge(style) ? 3 : 4.5))
        poor.push({ text, ratio, color: color.join(" "), background: background.join(" ") });
    }
    return poor;
  })()`);
}
