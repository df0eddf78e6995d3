import { randomUUID } from "node:crypto";

import type { CustomResourceSource } from "../assembly/function-resources.ts";
import type { Invocation } from "../function/lambda-function.ts";
import type { CustomResourceAnswer } from "../server/aws/minor-services.ts";
import type { Functions } from "./functions.ts";

/** A custom resource as it was made. */
export interface MadeResource {
  /** Missing where a release before 0.3 wrote it down. */
  readonly region?: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly physicalId: string;
}

/** What custom resources need of the world. */
export interface CustomResourcePorts {
  readonly functions: Pick<Functions, "find">;
  /** What an earlier start made; `undefined` when none did. */
  readonly before: (source: CustomResourceSource) => MadeResource | undefined;
  readonly made: (resource: MadeResource) => void;
}

/**
 * Has functions make the custom resources of the templates, as a deployment does: when they are new or have
 * changed. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export class CustomResources {
  readonly #sources: readonly CustomResourceSource[];
  readonly #ports: CustomResourcePorts;
  readonly #answers = new Map<string, CustomResourceAnswer | undefined>();
  readonly #notices: string[] = [];

  constructor(sources: readonly CustomResourceSource[], ports: CustomResourcePorts) {
    this.#sources = sources;
    this.#ports = ports;
  }

  /** What could not be made, each with its reason. */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /** Takes a function's answer; false when nobody waits for it. */
  answer(id: string, answer: CustomResourceAnswer): boolean {
    if (!this.#answers.has(id)) return false;
    this.#answers.set(id, answer);
    return true;
  }

  /**
   * Makes what is to be made, one after the other; `answersAt` is the address below which answers are taken.
   */
  async make(answersAt: string): Promise<void> {
    for (const source of this.#sources) {
      const before = this.#ports.before(source);
      if (before !== undefined && sameJson(before.properties, source.properties)) continue;
      const failure = await this.#request(source, { before, answersAt });
      if (failure !== undefined)
        this.#notices.push(
          `custom resource ${source.stackName}:${source.logicalId} was not made: ${failure}`,
        );
    }
  }

  /** Why it failed; `undefined` when it did not. */
  async #request(
    source: CustomResourceSource,
    { before, answersAt }: { readonly before: MadeResource | undefined; readonly answersAt: string },
  ): Promise<string | undefined> {
    const lambda = this.#ports.functions.find({ name: source.serviceToken });
    if (lambda === undefined) return `its function ${source.serviceToken} does not run here`;
    const id = randomUUID();
    this.#answers.set(id, undefined);
    const event = requestEvent(source, { id, before, responseUrl: `${answersAt}/${id}` });
    const end = await lambda.invoke(event, { requestId: randomUUID() });
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (answer === undefined) return `its function ended without an answer${endText(end)}`;
    if (answer.status === "FAILED") return answer.reason ?? "its function gave no reason";
    const { region, stackName, logicalId, properties } = source;
    this.#ports.made({ region, stackName, logicalId, properties, physicalId: answer.physicalId ?? id });
    return undefined;
  }
}

interface CustomResourceRequest {
  readonly id: string;
  readonly before: MadeResource | undefined;
  readonly responseUrl: string;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
function requestEvent(
  source: CustomResourceSource,
  { id, before, responseUrl }: CustomResourceRequest,
): object {
  return {
    RequestType: before === undefined ? "Create" : "Update",
    ServiceToken: source.serviceToken,
    ResponseURL: responseUrl,
    StackId: source.stackId,
    RequestId: id,
    LogicalResourceId: source.logicalId,
    ...(before !== undefined && { PhysicalResourceId: before.physicalId }),
    ResourceType: source.resourceType,
    ResourceProperties: source.properties,
    ...(before !== undefined && { OldResourceProperties: before.properties }),
  };
}

function endText(end: Invocation): string {
  if (end.kind === "result") return "";
  return end.kind === "throttled" ? ": it was throttled" : `: ${end.error.errorMessage}`;
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
