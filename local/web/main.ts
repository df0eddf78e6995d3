import { h, render } from "preact";

const root = document.getElementById("page");
if (root !== null) render(h("a", { href: "/api/overview" }, "Wrist Agent"), root);
