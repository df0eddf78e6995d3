import { h, render } from "preact";
import { App } from "./app.ts";
import { readOpened } from "./dashboards/dashboards-section.ts";
import { readRoute } from "./state/route.ts";

const root = document.getElementById("page");
if (root !== null) {
  readOpened(readRoute(location.hash));
  root.replaceChildren();
  render(h(App, null), root);
}
