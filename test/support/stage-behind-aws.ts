import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { ownIdentity } from "../../local/journal/data-directory.ts";
import { type FaultOf, type FaultyAws, faultyAws } from "./faulty-aws.ts";
import type { OperatedStage } from "./operated-stage.ts";

const NO_FAULT: FaultOf = () => undefined;

/**
 * Makes `--aws` of every command reach `endpoint`, with credentials that nobody checks, until the test is
 * over.
 */
export function signInTo(endpoint: string): void {
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "reader");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nobody checks it");
  vi.stubEnv("AWS_REGION", "us-west-2");
  onTestFinished(() => void vi.unstubAllEnvs());
}

/**
 * Has `--aws` reach a stage as one that is deployed, through an AWS that fails as a test wants it, until the
 * test is over.
 */
export async function signInBefore(
  { system }: OperatedStage,
  faultOf: FaultOf = NO_FAULT,
): Promise<FaultyAws> {
  const aws = await faultyAws(system.addresses.awsEndpoint, faultOf);
  onTestFinished(aws.stop);
  signInTo(aws.url);
  return aws;
}

/** A stage that runs here, with an AWS between it and its operator that fails as a test wants it. */
export class StageBehindAws {
  readonly stage: OperatedStage;
  readonly aws: FaultyAws;
  /** A data directory that leads commands to the stage through the faulty AWS. */
  readonly data: string;
  readonly #setFault: (faultOf: FaultOf) => void;

  private constructor(stage: OperatedStage, aws: FaultyAws, setFault: (faultOf: FaultOf) => void) {
    this.stage = stage;
    this.aws = aws;
    this.data = `${stage.data}-behind-aws`;
    this.#setFault = setFault;
  }

  static async before(stage: OperatedStage): Promise<StageBehindAws> {
    let current = NO_FAULT;
    const { awsEndpoint } = stage.system.addresses;
    const aws = await faultyAws(awsEndpoint, (operation, nth) => current(operation, nth));
    const behind = new StageBehindAws(stage, aws, (faultOf) => {
      current = faultOf;
    });
    await behind.#lead();
    return behind;
  }

  async #lead(): Promise<void> {
    const { stage, addresses, token } = this.stage.system;
    await mkdir(this.data, { recursive: true });
    const running = { ...ownIdentity(), stage, ...addresses, awsEndpoint: this.aws.url };
    await writeFile(join(this.data, "running.json"), JSON.stringify(running));
    await writeFile(join(this.data, "token"), token);
  }

  /** What the AWS between does from now on; nothing without an argument. */
  fault(faultOf: FaultOf = NO_FAULT): void {
    this.#setFault(faultOf);
  }

  /** Stops what is between; the stage goes on. */
  stop(): Promise<void> {
    return this.aws.stop();
  }
}
