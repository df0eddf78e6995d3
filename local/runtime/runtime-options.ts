import { createServer } from "node:http";
import type { Clock } from "@wrist-agent/cloudwatch/clock";
import { listen } from "../server/listen.ts";
import type { Question, QuestionAnswer, RequestColumn } from "../server/wire.ts";

/** How the page asks the agent. */
export interface Asking {
  readonly modes: readonly string[];
  readonly ask: (functionUrl: string, token: string, question: Question) => Promise<QuestionAnswer>;
}

/** How to run the system. */
export interface RuntimeOptions {
  /** `cdk.out` of the stage. */
  readonly assemblyDirectory: string;
  readonly stage: string;
  /** Everything that outlives a restart; one live process per directory. */
  readonly dataDirectory: string;
  /** 0 takes any free port. */
  readonly ports: { readonly page: number; readonly url: number; readonly aws: number };
  /** `bedrock` calls the real model with the caller's credentials. */
  readonly model: "scripted" | "bedrock";
  readonly clock: Clock;
  /** Whether the stand-in takes as long as a model would. */
  readonly latency: "believable" | "none";
  /** Properties of the EMF line that the page shows of each request. */
  readonly requestColumns: readonly RequestColumn[];
  /**
   * Name, in lower case, of the header by which requests are known that nobody dictated and no line records;
   * none when missing.
   */
  readonly syntheticHeader?: string;
  /** Asks as the Shortcut does, for the page's form; without it the page cannot ask. */
  readonly asking?: Asking;
  /** The caller's environment variables, for the credentials of `bedrock`. */
  readonly callerEnvironment: Readonly<Record<string, string | undefined>>;
  /** Variable of the function that names its token parameter; `CLIENT_TOKEN_PARAM_NAME` when missing. */
  readonly tokenParameterVariable?: string;
  /** Reads a document by its path below docs/; the page can show none when missing. */
  readonly document?: (path: string) => Promise<string | undefined>;
  /**
   * Invocations in flight at most, of all functions without reserved concurrency together; 10 when missing.
   */
  readonly concurrency?: number;
  /** Ends a start that is under way; what had started is stopped. */
  readonly signal?: AbortSignal;
  /** Told of failures that nobody waits for: bugs of the runtime, a full disk. Dropped when missing. */
  readonly log?: (message: string, cause: unknown) => void;
}

const PORT_OPTIONS: Readonly<Record<keyof RuntimeOptions["ports"], string>> = {
  page: "--port",
  url: "--url-port",
  aws: "--aws-port",
};

/**
 * Throws for a wanted port on which somebody listens: whoever starts should not wait for a synthesis to hear
 * it.
 */
export async function refuseBusyPorts(ports: RuntimeOptions["ports"]): Promise<void> {
  for (const [name, option] of Object.entries(PORT_OPTIONS)) {
    const port = ports[name as keyof RuntimeOptions["ports"]];
    if (port === 0) continue;
    const server = createServer();
    await listen(server, { port, option });
    await new Promise((resolve) => server.close(resolve));
  }
}
