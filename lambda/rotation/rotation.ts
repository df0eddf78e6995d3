import type { RotationReport } from "../contract/rotation.ts";
import { type TokenDocument, tokenDocumentOf } from "../contract/token.ts";
import { firstToken, nextToken, type RotationRules } from "./next-token.ts";
import { type MailFacts, type OwnerMail, rotationFailedMail, tokenChangedMail } from "./owner-mail.ts";
import {
  readRotationEvent,
  type ResourceRequest,
  type ResourceResult,
  respondToCloudFormation,
  type RotationEvent,
  type SendResponse,
} from "./rotation-event.ts";
import type { StoredToken, TokenParameter } from "./token-parameter.ts";

/** Everything the rotation function needs from outside. */
export interface RotationPorts {
  readonly facts: MailFacts;
  readonly rules: RotationRules;
  readonly parameter: TokenParameter;
  readonly publish: (mail: OwnerMail) => Promise<void>;
  readonly sendResponse: SendResponse;
  readonly log: (message: string, details: Readonly<Record<string, unknown>>) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Resolves after that many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** 32 random bytes as base64url. */
  readonly freshToken: () => string;
}

/** The Lambda handler over its ports, for its three callers: CloudFormation, the schedule and the operator. */
export function createRotation(
  ports: RotationPorts,
): (event: unknown) => Promise<RotationReport | undefined> {
  return async (event) => {
    const call = readRotationEvent(event);
    if (call.from !== "CloudFormation") return rotateAs(call, ports);
    await serveCloudFormation(call.request, ports);
    return undefined;
  };
}

/** CloudFormation always gets an answer: without one it waits until the deploy times out. */
async function serveCloudFormation(request: ResourceRequest, ports: RotationPorts): Promise<void> {
  const result = await resourceResult(request, ports);
  const { parameterName } = ports.facts;
  ports.log("custom resource", { request: request.type, ...result, parameterName });
  await withRetries(
    () => respondToCloudFormation(request, result, { parameterName, send: ports.sendResponse }),
    () => true,
    ports.wait,
  );
}

async function resourceResult({ type }: ResourceRequest, ports: RotationPorts): Promise<ResourceResult> {
  // The parameter outlives the stack: a Shortcut holds its value, and a new stack takes it over.
  if (type === "Delete") return { status: "SUCCESS" };
  try {
    await withRetries(() => ensureToken(ports), isDenied, ports.wait);
    return { status: "SUCCESS" };
  } catch (error) {
    return { status: "FAILED", reason: errorMessage(error) };
  }
}

/** Makes the parameter where there is none; an existing token stays as it is. */
async function ensureToken({ parameter, facts, freshToken, now }: RotationPorts): Promise<void> {
  const stored = await parameter.read();
  if (stored === undefined) await parameter.create(JSON.stringify(firstToken(freshToken(), now())));
  else documentIn(stored, facts);
}

/** The role of a function that was made a moment ago may not be known everywhere yet. */
function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name === "AccessDeniedException";
}

type Order = Exclude<RotationEvent, { readonly from: "CloudFormation" }>;

async function rotateAs(order: Order, ports: RotationPorts): Promise<RotationReport> {
  const report = await rotate(order, ports).catch(async (error: unknown) => {
    if (order.from === "schedule") await notifyFailure(errorMessage(error), ports);
    throw error;
  });
  ports.log("rotation", { by: order.from, ...report });
  // Nobody reads what a scheduled run answers; a failed invocation is counted.
  if (order.from === "schedule" && report.mailFault !== undefined) throw new Error(report.mailFault);
  return report;
}

/** One write that holds both tokens, then the mail; a run that ends in between is finished by the next one. */
async function rotate({ from, grace }: Order, ports: RotationPorts): Promise<RotationReport> {
  const { parameter, facts, rules, now, freshToken } = ports;
  const stored = await parameter.read();
  if (stored === undefined) return createdReport(ports);
  const present = documentIn(stored, facts);
  const situation = { present, modifiedMs: stored.modifiedMs, by: from, grace, nowMs: now() };
  const decision = nextToken(situation, rules, freshToken());
  const document = "next" in decision ? decision.next : present;
  if ("next" in decision) await parameter.replace(JSON.stringify(document));
  const mailFault = document.ownerTold === false ? await notifyOwner(document, ports) : undefined;
  return {
    ...reportOf(document, facts),
    isRotated: "next" in decision,
    ...("reason" in decision ? { reason: decision.reason } : {}),
    ...(mailFault === undefined ? {} : { mailFault }),
  };
}

async function createdReport(ports: RotationPorts): Promise<RotationReport> {
  const document = firstToken(ports.freshToken(), ports.now());
  await ports.parameter.create(JSON.stringify(document));
  return { ...reportOf(document, ports.facts), isRotated: true, reason: "there was no token" };
}

function reportOf({ createdAt, previousValidUntil }: TokenDocument, { parameterName, region }: MailFacts) {
  return {
    parameterName,
    region,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(previousValidUntil === undefined ? {} : { previousValidUntil }),
  };
}

/** Mails, and writes down that it did; answers why it could not. */
async function notifyOwner(document: TokenDocument, ports: RotationPorts): Promise<string | undefined> {
  try {
    await ports.publish(tokenChangedMail(document, ports.facts));
    await ports.parameter.replace(JSON.stringify({ ...document, ownerTold: true }));
    return undefined;
  } catch (error) {
    return `the owner could not be told: ${errorMessage(error)}`;
  }
}

async function notifyFailure(reason: string, ports: RotationPorts): Promise<void> {
  ports.log("the scheduled rotation failed", { reason });
  try {
    await ports.publish(rotationFailedMail(reason, ports.facts));
  } catch (error) {
    ports.log("nobody could be told of it", { reason: errorMessage(error) });
  }
}

/** The document of a parameter that can be rotated; throws what is wrong with it and what to do. */
function documentIn({ type, value }: StoredToken, { parameterName, region }: MailFacts): TokenDocument {
  const remove = `aws ssm delete-parameter --region ${region} --name ${parameterName}`;
  if (type !== "SecureString")
    throw new Error(
      `parameter ${parameterName} is a ${type}, and a ${type} cannot become a SecureString: note its value if a Shortcut still uses it, ` +
        `remove it with "${remove}" and deploy again; a new token is made`,
    );
  const document = tokenDocumentOf(value);
  if (document === undefined)
    throw new Error(`parameter ${parameterName} holds no token: remove it with "${remove}" and deploy again`);
  return document;
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

const MAX_ATTEMPTS = 5;
const RETRY_PAUSE_MS = 3_000;

/** Tries again, a few seconds apart, while the failure is one that passes. */
async function withRetries<T>(
  act: () => Promise<T>,
  mayPass: (error: unknown) => boolean,
  wait: (milliseconds: number) => Promise<void>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !mayPass(error)) throw error;
      await wait(RETRY_PAUSE_MS);
    }
  }
}
