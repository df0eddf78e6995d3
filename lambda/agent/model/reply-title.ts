import type { Mode } from "../../contract/request.ts";

const TITLE_CHARACTERS = 50;
const ELLIPSIS = "...";

/** A title for text that brought none: its first line that is no JSON, or the mode's name. */
export function titleFor(text: string, mode: Mode): string {
  const line = text
    .split("\n")
    .map((each) => each.trim())
    .find((each) => each !== "" && !/^[{[`]/.test(each));
  const title = (line ?? "").replace(/^##? /, "").trim();
  return title === "" ? `Wrist Agent ${mode.charAt(0).toUpperCase()}${mode.slice(1)}` : cutTitle(title);
}

/** Cuts by code points, so that no character is halved. */
function cutTitle(title: string): string {
  const characters = Array.from(title);
  if (characters.length <= TITLE_CHARACTERS) return title;
  return characters.slice(0, TITLE_CHARACTERS - ELLIPSIS.length).join("") + ELLIPSIS;
}
