import ts from "typescript";

/** One small change of a source file that the tests should notice. */
export interface Mutant {
  readonly file: string;
  /** 1-based line of the change. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

const OPERATORS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
  [ts.SyntaxKind.MinusToken, "+"],
  [ts.SyntaxKind.AsteriskToken, "/"],
  [ts.SyntaxKind.SlashToken, "*"],
  [ts.SyntaxKind.PlusEqualsToken, "-="],
  [ts.SyntaxKind.MinusEqualsToken, "+="],
]);

/** Methods of the language whose neighbour does nearly the same. */
const METHODS: Readonly<Record<string, string>> = {
  some: "every",
  every: "some",
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  startsWith: "endsWith",
  trim: "toString",
};

type Change = readonly [node: ts.Node, after: string];

/** Every mutant of a source text; what only the compiler reads (types, imports) has none. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node)) return;
    for (const [changed, after] of changesOf(node, source)) found.push(mutant(source, changed, after));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function mutant(source: ts.SourceFile, node: ts.Node, after: string): Mutant {
  const [start, end] = [node.getStart(source), node.getEnd()];
  const line = source.getLineAndCharacterOfPosition(start).line + 1;
  return { file: source.fileName, line, start, end, before: source.text.slice(start, end), after };
}

function changesOf(node: ts.Node, source: ts.SourceFile): readonly Change[] {
  if (ts.isBinaryExpression(node)) return binaryChanges(node, source);
  if (ts.isPropertyAccessExpression(node)) return methodChanges(node);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return [[node, node.operand.getText(source)]];
  if (ts.isConditionalExpression(node) || ts.isIfStatement(node)) return conditionChanges(node);
  if (ts.isExpressionStatement(node)) return [[node, ";"]];
  return literalChanges(node);
}

function binaryChanges(node: ts.BinaryExpression, source: ts.SourceFile): readonly Change[] {
  const operator = OPERATORS.get(node.operatorToken.kind);
  if (isComparisonOfTheGreater(node, source)) return [];
  if (operator !== undefined) return [[node.operatorToken, operator]];
  // `+` between texts stays a text; `x ?? y` without y is another value only where x is missing.
  if (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    return [[node, node.left.getText(source)]];
  return [];
}

const COMPARISONS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
]);

/** `if (a > b) b = a;` and `a > b ? a : b`: of two equal ones it does not matter which is taken. */
function isComparisonOfTheGreater(
  { left, right, operatorToken, parent }: ts.BinaryExpression,
  source: ts.SourceFile,
): boolean {
  if (!COMPARISONS.has(operatorToken.kind)) return false;
  const compared = sortedTexts([left, right], source);
  if (ts.isConditionalExpression(parent))
    return sortedTexts([parent.whenTrue, parent.whenFalse], source) === compared;
  if (!ts.isIfStatement(parent) || parent.elseStatement !== undefined) return false;
  const { thenStatement } = parent;
  if (!ts.isExpressionStatement(thenStatement) || !ts.isBinaryExpression(thenStatement.expression))
    return false;
  const { left: target, right: value, operatorToken: assignment } = thenStatement.expression;
  return assignment.kind === ts.SyntaxKind.EqualsToken && sortedTexts([target, value], source) === compared;
}

function sortedTexts(nodes: readonly ts.Node[], source: ts.SourceFile): string {
  return nodes
    .map((node) => node.getText(source))
    .sort()
    .join(" ");
}

function methodChanges(node: ts.PropertyAccessExpression): readonly Change[] {
  const other = ts.isCallExpression(node.parent) && Object.hasOwn(METHODS, node.name.text);
  return other ? [[node.name, METHODS[node.name.text] ?? ""]] : [];
}

function conditionChanges(node: ts.ConditionalExpression | ts.IfStatement): readonly Change[] {
  const condition = ts.isIfStatement(node) ? node.expression : node.condition;
  return [
    [condition, "true"],
    [condition, "false"],
  ];
}

function literalChanges(node: ts.Node): readonly Change[] {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, "false"]];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, "true"]];
  if (ts.isNumericLiteral(node)) return [[node, String(Number(node.text.replaceAll("_", "")) + 1)]];
  if (ts.isStringLiteral(node) && node.text !== "" && !isName(node)) return [[node, '""']];
  return [];
}

/** Whether the text only names a member or a module, where the compiler would see the change. */
function isName(node: ts.StringLiteral): boolean {
  const { parent } = node;
  return (
    ts.isElementAccessExpression(parent) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    ts.isCaseClause(parent) ||
    ts.isExportDeclaration(parent)
  );
}
