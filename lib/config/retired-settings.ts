import { GITHUB_PROVIDER_CONTEXT, namesOf } from "../names.ts";
import type { Stage } from "./stage.ts";
import { ConfigError } from "./setting.ts";

/** A former setting whose value is now fixed, or derived from the others. */
interface RetiredSetting {
  readonly key: string;
  readonly context: string;
  /** The value that holds; missing where any value was without effect on what is deployed. */
  readonly value?: (stage: Stage) => string;
  readonly why: string;
}

/** Seconds that a token read from SSM is used before it is read again. */
export const TOKEN_TTL_SECONDS = 300;

/** Seconds that run-time parameters are used before they are read again. */
export const PARAMETER_TTL_SECONDS = 60;

/** Longest accepted text in characters. */
export const TEXT_CHARACTERS = 8000;

const GRACE_HOURS = 72;

/** Hours for which a replaced token still works: three days, and a day less than until the next change. */
export function tokenGraceHours(rotationDays: number): number {
  return rotationDays === 0 ? GRACE_HOURS : Math.min(GRACE_HOURS, (rotationDays - 1) * 24);
}

/** What was once a setting: a value that still says the same is let pass, another one is refused by name. */
const RETIRED_SETTINGS: readonly RetiredSetting[] = [
  {
    key: "CLIENT_TOKEN_PARAM_NAME",
    context: "tokenParameterName",
    value: (stage) => namesOf(stage).tokenParameter,
    why: "each stage has its own name; move a token with aws ssm put-parameter before you deploy",
  },
  {
    key: "AWS_PROFILE",
    context: "awsProfile",
    why: "credentials come from the shell, or from deploy --profile; profiles have other names on other machines",
  },
  {
    key: "MAX_TEXT_CHARACTERS",
    context: "maxTextCharacters",
    value: () => String(TEXT_CHARACTERS),
    why: "a dictated text of ten minutes is shorter",
  },
  {
    key: "TOKEN_CACHE_TTL_SECONDS",
    context: "tokenCacheTtlSeconds",
    value: () => String(TOKEN_TTL_SECONDS),
    why: "rotation and revocation are documented with it",
  },
  {
    key: "CONFIG_TTL_SECONDS",
    context: "configTtlSeconds",
    value: () => String(PARAMETER_TTL_SECONDS),
    why: "a minute's wait for a change costs nothing",
  },
  {
    key: "TOKEN_GRACE_HOURS",
    context: "tokenGraceHours",
    value: () => String(GRACE_HOURS),
    why: "it follows TOKEN_ROTATION_DAYS: three days, and a day less than until the next change",
  },
  {
    key: "CUSTOM_METRICS",
    context: "customMetrics",
    value: () => "false",
    why: "nobody but this agent emits its metrics, and its own stage watches them",
  },
  {
    key: "LOG_CONTENT",
    context: "logContent",
    value: () => "false",
    why: "dictated text never leaves the request, on no stage",
  },
  {
    key: "LOG_LEVEL",
    context: "logLevel",
    why: "no line is left that a level would show or hide",
  },
  {
    key: "DOCS_URL",
    context: "docsUrl",
    why: "links in mails point to GITHUB_REPOSITORY where it is given, else they name the file",
  },
  {
    key: "OWN_INFERENCE_PROFILE",
    context: "ownInferenceProfile",
    why: "a stage with EXTRA_TAGS has a profile of its own, since only their tags tell its cost apart",
  },
  {
    key: "GITHUB_PROVIDER_ARN",
    context: "githubProviderArn",
    why: `deploy looks for GitHub's provider in the account; with npx cdk pass -c ${GITHUB_PROVIDER_CONTEXT}=existing where it is there`,
  },
  ...["Max", "Most"].map((ending) => ({
    key: `PROVISIONED_CONCURRENCY_${ending.toUpperCase()}`,
    context: `provisionedConcurrency${ending}`,
    why: "target tracking initialises up to twice PROVISIONED_CONCURRENCY",
  })),
];

/** A value given under the name of a former setting. */
export interface RetiredValue {
  /** As in the file, or as after `-c`. */
  readonly name: string;
  readonly text: string;
  readonly place: string;
}

/** Whether a name, as in a file or after `-c`, was a setting once. */
export function isRetired(name: string): boolean {
  return RETIRED_SETTINGS.some(({ key, context }) => name === key || name === context);
}

/** The notice about a value of a former setting; throws where it asks for something else than what holds. */
export function retiredNotice({ name, text, place }: RetiredValue, stage: Stage): string {
  const row = RETIRED_SETTINGS.find(({ key, context }) => name === key || name === context);
  const value = row?.value?.(stage);
  const why = row?.why ?? "";
  if (value === undefined) return `${place}: ${name} is no setting any more and is not read: ${why}`;
  if (text !== value)
    throw new ConfigError(
      `${place}: ${name} is "${text}": it is no setting any more, and always ${value}: ${why}`,
    );
  return `${place}: ${name} is no setting any more: take it out; it is always ${value}`;
}
