import { type Document, isCollection, isNode, isScalar, type Node, parseDocument, visit } from "yaml";
import {
  AssemblyError,
  checkedTemplate,
  isJsonText,
  parseJsonTemplate,
  splitAttribute,
  type Template,
} from "./template.ts";

/** Functions that CloudFormation lets a YAML template write as `!Name`. */
const SHORT_FORMS = new Map([
  ["!Ref", "Ref"],
  ["!Condition", "Condition"],
  ...[
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAtt",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
  ].map((name) => [`!${name}`, `Fn::${name}`] as const),
]);

/** Parses the text of a template, JSON or YAML, at once; `origin` is named in errors. */
export function parseTemplate(text: string, origin: string): Template {
  return isJsonText(text)
    ? parseJsonTemplate(text, origin)
    : checkedTemplate(parseYaml(text, origin), origin);
}

function parseYaml(text: string, origin: string): unknown {
  // CloudFormation takes a key that stands twice; the last one counts.
  const document = parseDocument(text, { logLevel: "silent", uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined)
    throw new AssemblyError(`${origin} is not YAML: ${error.message}`, { cause: error });
  expandShortForms(document, (tag) => {
    throw new AssemblyError(`${origin} uses the tag ${tag}: use a CloudFormation function`);
  });
  return document.toJS();
}

/** Replaces each `!Name argument` by `{Fn::Name: argument}`; the visitor then goes on inside the argument. */
export function expandShortForms(document: Document, refuse: (tag: string, node: Node) => never): void {
  visit(document, {
    Node(_key, node) {
      const tag = isNode(node) && "tag" in node ? (node.tag ?? "") : "";
      if (!tag.startsWith("!") || !("tag" in node)) return undefined;
      const key = SHORT_FORMS.get(tag);
      if (key === undefined) return refuse(tag, node);
      delete node.tag;
      const made = document.createNode({ [key]: argumentOf(key, node) });
      // The range says where a mistake was made.
      if (node.range !== undefined && node.range !== null) made.range = node.range;
      return made;
    },
  });
}

/** `!GetAtt A.B` is the one short form whose scalar stands for a list. */
function argumentOf(key: string, node: Node): unknown {
  if (key !== "Fn::GetAtt" || isCollection(node) || !isScalar(node)) return node;
  return splitAttribute(String(node.value));
}
