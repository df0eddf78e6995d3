import { type ComponentChild, h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Markdown } from "./format/markdown.ts";
import { readApi } from "./state/live.ts";
import { goTo } from "./state/route.ts";

type Loaded =
  | { readonly kind: "reading" }
  | { readonly kind: "read"; readonly path: string; readonly markdown: string }
  | { readonly kind: "failed"; readonly why: string };

/** A document of the project, such as a runbook, as it stands beside the code that runs. */
export function DocumentSection({ path }: { readonly path: string | undefined }): ComponentChild {
  const loaded = useDocument(path);
  // In a tab of its own there is nothing to go back to.
  const back = (): void => (history.length > 1 ? history.back() : goTo({ section: "alarms" }));
  return h("article", { class: "card document" }, [
    h("p", { class: "card-head" }, [
      h("button", { type: "button", class: "quiet", onClick: back }, "Back"),
      h("span", { class: "hint mono" }, `docs/${path ?? ""}`),
    ]),
    documentBody(loaded),
  ]);
}

function documentBody(loaded: Loaded): ComponentChild {
  switch (loaded.kind) {
    case "reading":
      return h("p", { class: "hint" }, "Reading…");
    case "failed":
      return h("p", { class: "notice" }, loaded.why);
    case "read":
      return h(Markdown, { markdown: withoutRemarks(loaded.markdown), path: loaded.path });
  }
}

/** Remarks for whoever edits a document are not for whoever reads it. */
function withoutRemarks(markdown: string): string {
  return markdown.replace(/<!--[^]*?-->\s*/g, "");
}

function useDocument(path: string | undefined): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({ kind: "reading" });
  useEffect(() => {
    if (path === undefined) {
      setLoaded({ kind: "failed", why: "No document is named." });
      return undefined;
    }
    let isCurrent = true;
    setLoaded({ kind: "reading" });
    readApi("/api/document", `?path=${encodeURIComponent(path)}`).then(
      ({ markdown }) => isCurrent && setLoaded({ kind: "read", path, markdown }),
      (cause: unknown) => isCurrent && setLoaded({ kind: "failed", why: (cause as Error).message }),
    );
    return () => (isCurrent = false);
  }, [path]);
  return loaded;
}
