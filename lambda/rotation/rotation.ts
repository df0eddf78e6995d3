import { type RotationReport, type TokenDocument, tokenDocumentOf } from "../contract/token.ts";
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
import { type StoredToken, type TokenParameter, TokenVersions } from "./token-parameter.ts";

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

/**
 * The Lambda handler over its ports, for its three callers: CloudFormation, the schedule and the operator.
 */
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

/**
 * One write that holds both tokens, then the mail; a run that ends in between is finished by the next one.
 */
async function rotate(order: Order, ports: RotationPorts): Promise<RotationReport> {
  const versions = new TokenVersions(ports.parameter);
  const stored = await versions.current();
  if (stored === undefined) return createdReport(ports);
  const { document, reason } = await changedToken(order, stored, { versions, ports });
  const mailFault = document.ownerTold === false ? await notifyOwner(document, versions, ports) : undefined;
  const why = reason ?? (await overtakenReason(document, versions, ports));
  return {
    ...reportOf(document, ports.facts),
    isRotated: why === undefined,
    ...(why === undefined ? {} : { reason: why }),
    ...(mailFault === undefined ? {} : { mailFault }),
  };
}

/** The document that stands now, and why it is not a new one where it is not. */
interface ChangedToken {
  readonly document: TokenDocument;
  readonly reason?: string;
}

/** Where a run works. */
interface RotationRun {
  readonly versions: TokenVersions;
  readonly ports: RotationPorts;
}

/** Other runs that write at the same time are rare, and each of them makes few writes. */
const MAX_OVERTAKEN = 5;

/** Decides and writes; a run that was overtaken decides again from what stands now. */
async function changedToken(
  order: Order,
  read: StoredToken,
  { versions, ports }: RotationRun,
): Promise<ChangedToken> {
  const { facts, rules, now, freshToken } = ports;
  const revoked = documentIn(read, facts).current;
  let stored = read;
  for (let turn = 0; turn < MAX_OVERTAKEN; turn += 1) {
    const present = documentIn(stored, facts);
    if (turn > 0 && isRevoked(order, revoked, present)) return { document: present, reason: OVERTAKEN };
    const { modifiedMs } = stored;
    const situation = { present, modifiedMs, by: order.from, grace: order.grace, nowMs: now() };
    const decision = nextToken(situation, rules, freshToken());
    if ("reason" in decision) return { document: present, reason: decision.reason };
    if (await versions.replace(decision.next, stored)) return { document: decision.next };
    stored = (await versions.current()) ?? stored;
  }
  throw new Error("other runs changed the token each time that this one wrote it: look at it, and try again");
}

const OVERTAKEN = "another run changed the token at the same time, and its token is the one that works";

/**
 * What a revocation was asked for has been done by another run: the token that it found is accepted no more.
 */
function isRevoked({ grace }: Order, revoked: string, { current, previous }: TokenDocument): boolean {
  return grace === "none" && revoked !== current && revoked !== previous;
}

/**
 * Whoever reports success holds the token that works: another run may have changed it since, while the mail
 * was sent.
 */
async function overtakenReason(
  { current }: TokenDocument,
  versions: TokenVersions,
  { facts }: RotationPorts,
): Promise<string | undefined> {
  const stored = await versions.current();
  return stored && documentIn(stored, facts).current === current ? undefined : OVERTAKEN;
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
async function notifyOwner(
  document: TokenDocument,
  versions: TokenVersions,
  ports: RotationPorts,
): Promise<string | undefined> {
  try {
    await ports.publish(tokenChangedMail(document, ports.facts));
    await writeOwnerTold(document, versions, ports);
    return undefined;
  } catch (error) {
    return `the owner could not be notified: ${errorMessage(error)}`;
  }
}

/**
 * Only on the document that the mail was about: another run may have written a newer one, of which it sends a
 * mail of its own.
 */
async function writeOwnerTold(
  { current }: TokenDocument,
  versions: TokenVersions,
  { facts }: RotationPorts,
): Promise<void> {
  for (let turn = 0; turn < MAX_OVERTAKEN; turn += 1) {
    const stored = await versions.current();
    if (stored === undefined) return;
    const document = documentIn(stored, facts);
    if (document.current !== current || document.ownerTold !== false) return;
    if (await versions.replace({ ...document, ownerTold: true }, stored)) return;
  }
}

async function notifyFailure(reason: string, ports: RotationPorts): Promise<void> {
  ports.log("the scheduled rotation failed", { reason });
  try {
    await ports.publish(rotationFailedMail(reason, ports.facts));
  } catch (error) {
    ports.log("nobody could be notified of it", { reason: errorMessage(error) });
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
