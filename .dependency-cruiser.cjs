/** Who may import whom: the table of folders, written as "everything else is forbidden". */
const NODE_OR_PACKAGE = ["core", "npm", "npm-dev", "npm-optional", "npm-peer"];

/** One rule: files under `from` may import files of the project only where `allowed` matches. */
function may(name, from, allowed, comment) {
  return {
    name,
    comment,
    severity: "error",
    from: { path: from },
    to: { pathNot: [...allowed, "node_modules"], dependencyTypesNot: NODE_OR_PACKAGE },
  };
}

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-barrels",
      severity: "error",
      from: {},
      to: { path: "/index\\.ts$", pathNot: "node_modules" },
    },
    may(
      "contract",
      "^lambda/contract/",
      ["^lambda/contract/", "^packages/cloudwatch/src/json\\.ts$"],
      "The guards of JSON are the engine's, which imports nothing.",
    ),
    may(
      "functions-import-contract",
      "^lambda/([^/]+)/",
      [
        "^lambda/$1/",
        "^lambda/contract/",
        "^lambda/read-token\\.ts$",
        "^packages/cloudwatch/src/(json|zoned-time)\\.ts$",
      ],
      "Beside the contract functions share how the token is read, which needs a client of SSM, and the guards of JSON and the arithmetic of time zones, which import nothing.",
    ),
    may("monitoring", "^lib/monitoring/", [
      "^lib/monitoring/",
      "^lib/config",
      "^lib/names\\.ts$",
      "^lambda/contract/",
    ]),
    may("dashboards", "^dashboards/", ["^dashboards/", "^lib/monitoring/"]),
    may("constructs", "^lib/constructs/", [
      "^lib/constructs/",
      "^lib/monitoring/",
      "^lib/config",
      "^lib/(bundles|names)\\.ts$",
      "^lambda/contract/",
    ]),
    may("config-and-names", "^lib/(config|names)", [
      "^lib/(config|names)",
      "^lambda/contract/",
      "^packages/cloudwatch/src/json\\.ts$",
    ]),
    may("stacks", "^lib/[^/]+-stack\\.ts$", [
      "^lib/(constructs|monitoring)/",
      "^lib/config",
      "^lib/names\\.ts$",
      "^dashboards/",
      "^lambda/contract/",
    ]),
    may("local-imports-packages-only", "^local/(?!bill/|rehearsal/|web/)", ["^local/", "^packages/"]),
    may("bill", "^local/bill/", ["^local/(bill|assembly)/", "^packages/", "^lambda/contract/"]),
    may("cloudwatch-is-pure", "^packages/cloudwatch/", ["^packages/cloudwatch/"]),
    may("alarm-test", "^packages/alarm-test/", ["^packages/(alarm-test|cloudwatch)/"]),
    {
      name: "cloudwatch-needs-no-package",
      severity: "error",
      from: { path: "^packages/cloudwatch/" },
      to: { dependencyTypes: NODE_OR_PACKAGE },
    },
    may("rehearsal", "^local/rehearsal/", [
      "^local/(rehearsal|assembly|function)/",
      "^local/(clock|random)\\.ts$",
      "^packages/",
    ]),
    may("web", "^local/web/", ["^local/web/", "^local/server/wire\\.ts$"]),
    may("app-door", "^bin/app\\.ts$", ["^lib/"]),
    may("cli-door", "^bin/cli\\.ts$", ["^bin/(cli|commands)/"]),
    may("commands", "^bin/commands/", [
      "^bin/(cli|commands)/",
      "^package\\.json$",
      "^local/(runtime|runtime/runtime-options|journal-metrics)\\.ts$",
      "^local/server/wire\\.ts$",
      "^local/journal/data-directory\\.ts$",
      "^local/own-file\\.ts$",
      "^local/(assembly|bill)/",
      "^lib/names\\.ts$",
      "^lib/config/(stage|region)\\.ts$",
      "^local/rehearsal/",
      "^local/clock\\.ts$",
      "^packages/",
      "^lambda/contract/",
    ]),
    may("what-commands-share", "^bin/cli/", [
      "^bin/cli/",
      "^local/(runtime|server/wire)\\.ts$",
      "^local/journal/data-directory\\.ts$",
      "^local/assembly/",
      // A logged stack is read by the map of the bundle that it names.
      "^lib/(bundles|names|config/stage)\\.ts$",
      "^packages/",
      "^lambda/contract/",
    ]),
    {
      name: "cdk-only-in-synthesis",
      severity: "error",
      from: { pathNot: "^(bin/app\\.ts|lib/|dashboards/|test/|bench/|torture/|node_modules)" },
      to: { path: "^node_modules/(aws-cdk-lib|constructs|cdk-monitoring-constructs|cdk-nag)/" },
    },
    {
      name: "aws-clients-only-at-the-edges",
      severity: "error",
      // A backtest reads the user's account: the package loads the client when it is asked to, and only
      // there.
      from: {
        path: "^(lib|dashboards|packages|local|lambda/contract)/",
        pathNot: "^packages/alarm-test/src/backtest/cloudwatch-source\\.ts$",
      },
      to: { path: "^node_modules/@aws-sdk/client-" },
    },
    {
      name: "production-code-needs-production-packages",
      severity: "error",
      from: { path: "^(bin|lib|dashboards|lambda|packages|local)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node", "default", "types"],
    },
  },
};
