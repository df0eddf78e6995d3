import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

const PROJECT = join(import.meta.dirname, "..", "..");

/** The account that moto makes up. */
export const ACCOUNT = "123456789012";

/** How a command ended, with everything that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly all: string;
}

/** An account of AWS on this machine, empty and bootstrapped, until `stop`. */
export interface Moto {
  readonly endpoint: string;
  /** Runs Node with AWS's address set to moto's and credentials that moto takes. */
  readonly run: (...args: readonly string[]) => Promise<Ended>;
  /** Says what happens next in the account (account_life.py), and gives what moto has no answer for. */
  readonly order: (order: AccountOrder) => Promise<AccountState>;
  readonly stop: () => Promise<void>;
}

/** What happens next in the account. */
export interface AccountOrder {
  /** Resources that fail when they are next made or changed, by the start of their logical ids. */
  readonly fail?: readonly { readonly resource: string; readonly reason: string }[];
  /** Status that every Function URL answers from now on to whoever knows the token. */
  readonly answers?: number;
  /** Address whose subscriptions are confirmed, or left by their link. */
  readonly confirm?: string;
  readonly unsubscribe?: string;
  /** Hours that pass. */
  readonly hours?: number;
  /** Regions that answer nothing but errors from now on. */
  readonly darkRegions?: readonly string[];
}

/** What is there of what moto does not tell. */
export interface AccountState {
  /** Environments by `region:function:alias`. */
  readonly provisioned: Readonly<Record<string, number>>;
  readonly fail: readonly object[];
}

/** Whether moto's server can run here. */
export function hasMoto(): boolean {
  return spawnSync("python3", ["-c", "import moto.server, flask"], { stdio: "ignore" }).status === 0;
}

/** Starts moto and bootstraps Regions in it with the real CDK CLI. */
export async function startMoto(wanted: readonly string[] = ["us-west-2", "us-east-1"]): Promise<Moto> {
  const port = await freePort();
  const server = spawn("python3", [join(import.meta.dirname, "moto-server.py"), "-p", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const run: Moto["run"] = (...args) => runNode(args, endpoint);
  const stop = (): Promise<void> => ended(server);
  try {
    await untilItListens(server);
    const regions = wanted.map((region) => `aws://${ACCOUNT}/${region}`);
    if (regions.length > 0) {
      const { code, all } = await run("node_modules/aws-cdk/bin/cdk", "bootstrap", ...regions);
      if (code !== 0) throw new Error(`cdk bootstrap ended with ${String(code)}:\n${all}`);
    }
    return { endpoint, run, stop, order: (order) => orderAt(endpoint, order) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function orderAt(endpoint: string, order: AccountOrder): Promise<AccountState> {
  const response = await fetch(`${endpoint}/moto-api/life`, { method: "POST", body: JSON.stringify(order) });
  if (!response.ok) throw new Error(`moto answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as AccountState;
}

/** Werkzeug says on stderr where it listens. */
function untilItListens(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    server.stderr?.on("data", (chunk: Buffer) => {
      said.push(chunk.toString());
      if (said.join("").includes("Running on http://")) resolve();
    });
    server.once("exit", (code) => reject(new Error(`moto ended with ${String(code)}:\n${said.join("")}`)));
  });
}

function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once("exit", () => resolve());
    server.kill();
  });
}

function runNode(args: readonly string[], endpoint: string): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NO_COLOR: "1",
      AWS_ENDPOINT_URL: endpoint,
      // The templates of CloudFormation are at S3's own address, which moto knows as its own.
      AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: "https://s3.amazonaws.com",
      AWS_ACCESS_KEY_ID: "testing",
      AWS_SECRET_ACCESS_KEY: "testing",
    },
  });
  const [out, all]: [string[], string[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => [out, all].forEach((each) => each.push(chunk.toString())));
  child.stderr.on("data", (chunk: Buffer) => all.push(chunk.toString()));
  return new Promise((resolve) =>
    child.once("close", (code) => resolve({ code, out: out.join(""), all: all.join("") })),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
