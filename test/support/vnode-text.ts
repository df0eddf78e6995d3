import type { ComponentChild, VNode } from "preact";

/**
 * A tree of elements as text: `<p>a <strong>b</strong></p>`, with the addresses of links and nothing else.
 */
export function elementText(child: ComponentChild): string {
  if (Array.isArray(child)) return child.map((one) => elementText(one as ComponentChild)).join("");
  if (child === null || child === undefined || typeof child === "boolean") return "";
  if (typeof child !== "object") return String(child);
  const { type, props } = child as VNode<{
    readonly children?: ComponentChild;
    readonly href?: string;
    readonly class?: string;
  }>;
  if (typeof type === "function") return elementText((type as (given: object) => ComponentChild)(props));
  const { children, href, class: className } = props;
  const shown = [
    href === undefined ? "" : ` href=${href}`,
    className?.startsWith("button") === true ? ` class=${className}` : "",
  ];
  return `<${type}${shown.join("")}>${elementText(children)}</${type}>`;
}
