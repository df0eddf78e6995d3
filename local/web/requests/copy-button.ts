import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";

/** A button that puts a text on the clipboard and says so. */
export function CopyButton({
  text,
  label,
}: {
  readonly text: string;
  readonly label: string;
}): ComponentChild {
  const [said, setSaid] = useState("");
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied."),
      () => setSaid("The browser refused: select the text and copy it."),
    );
  };
  return h("p", { class: "copy-line" }, [
    h("button", { type: "button", onClick: copy }, label),
    " ",
    h("span", { role: "status" }, said),
    said.startsWith("The") ? h("pre", { class: "copy", tabIndex: 0 }, text) : null,
  ]);
}
