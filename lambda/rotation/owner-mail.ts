import { TOKEN_HEADER } from "../contract/request.ts";
import { readTokenCommand, type TokenDocument } from "../contract/token.ts";

/** A mail as SNS takes it: the subject is ASCII and under 100 characters. */
export interface OwnerMail {
  readonly subject: string;
  readonly message: string;
}

/** Where the mail comes from and what it is about. */
export interface MailFacts {
  readonly stage: string;
  readonly region: string;
  readonly parameterName: string;
  readonly timeZone: string;
  readonly tokenTtlSeconds: number;
}

/** Tells the owner what to do now that the token has changed; the mail holds no token. */
export function tokenChangedMail(document: TokenDocument, facts: MailFacts): OwnerMail {
  const { stage, parameterName, region } = facts;
  return {
    subject: `Wrist Agent ${stage}: the token has changed`,
    message: [
      `Wrist Agent (${stage}) has a new token since ${timeInWords(document.createdAt, facts)}.`,
      oldTokenSentence(document, facts),
      "",
      "1. Read the new token, on a computer that is signed in to AWS:",
      "",
      `   ${readTokenCommand(parameterName, region)}`,
      "",
      `2. In the Shortcut, open the action "Get Contents of URL", then Headers, and put it in place of the value of ${TOKEN_HEADER}.`,
      "",
      "3. Dictate a sentence. An answer means that you are done.",
      "",
      "The token is in no mail, log or template.",
    ].join("\n"),
  };
}

/** Tells the owner that a scheduled rotation failed; the present token works on. */
export function rotationFailedMail(reason: string, { stage }: MailFacts): OwnerMail {
  return {
    subject: `Wrist Agent ${stage}: the token could not be changed`,
    message: [
      `The scheduled change of the token of Wrist Agent (${stage}) failed: ${reason}`,
      "",
      "The present token works on, and tomorrow's run tries again. To try now:",
      "",
      `   npm run cli -- rotate-token --stage ${stage}`,
    ].join("\n"),
  };
}

function oldTokenSentence({ previousValidUntil }: TokenDocument, facts: MailFacts): string {
  if (previousValidUntil !== undefined)
    return `The old token works until ${timeInWords(previousValidUntil, facts)}. Before that:`;
  const seconds = facts.tokenTtlSeconds;
  return `The old token is revoked; an agent that was awake may take it for another ${seconds} seconds. Now:`;
}

function timeInWords(instant: string | undefined, { timeZone }: MailFacts): string {
  const atMs = Date.parse(instant ?? "");
  if (Number.isNaN(atMs)) return "an unknown time";
  const format = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  });
  return `${format.format(atMs)} (${timeZone})`;
}
