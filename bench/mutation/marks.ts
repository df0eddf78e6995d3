import ts from "typescript";
import type { Mutant } from "./mutants.ts";
import { REACHED } from "./reached.ts";

/** A mutant with the number by which marked code knows it. */
export interface NumberedMutant extends Mutant {
  readonly number: number;
}

/**
 * The text with a mark for each mutant: whoever runs the statement that holds the mutant, or the body of its
 * arrow function, writes its number. A statement may be reached and its mutant not: then tests are run in
 * vain, but none is left out.
 */
export function markedText(file: string, text: string, mutants: readonly NumberedMutant[]): string {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const numbers = new Map<ts.Node, number[]>();
  for (const mutant of mutants) {
    const place = markedPlace(innermostNode(source, mutant));
    numbers.set(place, [...(numbers.get(place) ?? []), mutant.number]);
  }
  const insertions = [...numbers].flatMap(([place, all]) => insertionsAt(place, source, all));
  return inserted(text, insertions);
}

function innermostNode(node: ts.Node, mutant: Mutant): ts.Node {
  const holds = (child: ts.Node): boolean =>
    child.getFullStart() <= mutant.start && mutant.end <= child.getEnd();
  const inner = ts.forEachChild(node, (child) => (holds(child) ? child : undefined));
  return inner === undefined ? node : innermostNode(inner, mutant);
}

/** The nearest place around a node where a mark leaves the meaning of the code as it is. */
function markedPlace(node: ts.Node): ts.Node {
  const { parent } = node as { readonly parent?: ts.Node };
  if (parent === undefined || isStatementOf(parent, node) || isBodyOf(parent, node)) return node;
  return markedPlace(parent);
}

function isStatementOf(parent: ts.Node, node: ts.Node): boolean {
  if (ts.isCaseClause(parent)) return parent.expression !== node;
  return ts.isBlock(parent) || ts.isSourceFile(parent) || ts.isDefaultClause(parent);
}

/** Whether the node is all that an arrow function or a branch without braces runs. */
function isBodyOf(parent: ts.Node, node: ts.Node): boolean {
  if (ts.isBlock(node)) return false;
  if (ts.isArrowFunction(parent)) return parent.body === node;
  return isBranch(parent, node);
}

function isBranch(parent: ts.Node, node: ts.Node): boolean {
  if (ts.isIfStatement(parent)) return parent.expression !== node;
  return ts.isIterationStatement(parent, false) && parent.statement === node;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

function insertionsAt(place: ts.Node, source: ts.SourceFile, numbers: readonly number[]): Insertion[] {
  const mark = `globalThis.${REACHED}?.${numbers.map((number) => `add(${number})`).join(".")}`;
  const [start, end] = [place.getStart(source), place.getEnd()];
  const around = (before: string, after: string): Insertion[] => [
    { at: start, text: before },
    { at: end, text: after },
  ];
  if (isBranch(place.parent, place)) return around(`{ ${mark}; `, " }");
  if (ts.isArrowFunction(place.parent)) return around(`(${mark}, `, ")");
  return [{ at: start, text: `${mark}; ` }];
}

/** From the end to the start, so that no position moves before its turn. */
function inserted(text: string, insertions: readonly Insertion[]): string {
  return [...insertions]
    .sort((one, other) => other.at - one.at)
    .reduce((whole, { at, text: added }) => whole.slice(0, at) + added + whole.slice(at), text);
}
