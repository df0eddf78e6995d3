import type { Page } from "playwright-core";

/** Least size of what is tapped, pixels: https://www.w3.org/TR/WCAG22/#target-size-minimum */
const MIN_TARGET = 24;

/**
 * What of a page is cut, runs over its box or the window, or is too small to tap. Links within a sentence are
 * as high as their line, and a box of a label is as large as its label.
 */
export function layoutFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate(`(() => {
    const faults = [];
    const name = (element) => element.tagName.toLowerCase() + "." + element.className + " " + element.textContent.slice(0, 40);
    if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is " + document.documentElement.scrollWidth + " wide");
    const clips = (element) => ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
    for (const element of document.querySelectorAll("header *, main *, footer *")) {
      if (element.closest(".hidden, .count-word, .shared-name, .clamp, .legend-label, .bar-label, .log-bars, svg, canvas")) continue;
      const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "");
      if (!hasText) continue;
      if (element.scrollWidth > element.clientWidth + 1 && clips(element)) faults.push("cut: " + name(element));
      for (let at = element.parentElement; at !== null; at = at.parentElement) {
        if (["auto", "scroll"].includes(getComputedStyle(at).overflowX) && !at.matches(".widget-body")) break;
        if (!clips(at)) continue;
        if (element.getBoundingClientRect().right > at.getBoundingClientRect().right + 1) faults.push("over its box: " + name(element));
        break;
      }
    }
    for (const element of document.querySelectorAll("a, button, summary, input, select")) {
      const box = (element.closest("label") ?? element).getBoundingClientRect();
      const inSentence = element.tagName === "A" && getComputedStyle(element).display === "inline";
      if (box.width === 0 || inSentence || element.closest(".hidden, .skip")) continue;
      if (box.height < ${MIN_TARGET} || box.width < ${MIN_TARGET}) faults.push("small: " + name(element) + " " + box.width + " x " + box.height);
    }
    for (const element of document.querySelectorAll(".number-value")) {
      const range = document.createRange();
      range.selectNodeContents(element);
      if (range.getBoundingClientRect().width > element.parentElement.getBoundingClientRect().width + 1) faults.push("number cut: " + element.textContent);
    }
    return [...new Set(faults)];
  })()`);
}
