import type { ServiceShapes } from "./shapes.ts";

/** An error as an AWS API answers it. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
  }

  /** Whose fault it is, in the words of the query protocol. */
  get type(): "Sender" | "Receiver" {
    return this.status >= 500 ? "Receiver" : "Sender";
  }
}

/** The refusal of what AWS knows and the local runtime does nothing with. */
export function notSupported(what: string, why: string, code = "InvalidParameterValue"): AwsError {
  return new AwsError(code, `${what} is not supported by the local runtime: ${why}`);
}

/** A call as it came over HTTP/1.1 or HTTP/2; header names in lower case. */
export interface AwsCall {
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Inflated already. */
  readonly body: Buffer;
  /** Of the body as it was sent. */
  readonly sentBytes: number;
  readonly requestId: string;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}

/** The answer to a call; a body in parts is sent as the parts come. */
export interface AwsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | AsyncIterable<Buffer>;
}

/** Members of an operation's input, not yet checked. */
export type Input = Readonly<Record<string, unknown>>;

/** One operation: it answers its output or throws an `AwsError`. */
export type Operation = (input: Input, call: AwsCall) => object | Promise<object>;

/** Operations by name. */
type Operations = Readonly<Record<string, Operation>>;

/** A service that speaks awsJson: the operation stands in `X-Amz-Target`. */
export interface JsonService {
  readonly protocol: "json";
  readonly version: "1.0" | "1.1";
  /** `AmazonSSM`, before the dot of the target. */
  readonly targetPrefix: string;
  readonly operations: Operations;
  /** Old query codes by error code: answered in `x-amzn-query-error` to clients in query mode. */
  readonly queryErrorCodes?: Readonly<Record<string, string>>;
  /** Its shapes: with them it is served in the query protocol and in CBOR too. */
  readonly model?: {
    readonly shapes: ServiceShapes;
    /** `2010-08-01`, as forms of the query protocol name it. */
    readonly version: string;
    readonly xmlNamespace: string;
    /** Stands before the names of its errors in JSON and CBOR. */
    readonly errorNamespace: string;
    /** Errors that its model has no shape for: they bear the name of the framework. */
    readonly syntheticErrors: ReadonlySet<string>;
  };
}

/** A service that speaks the query protocol: a form goes in, XML comes out. */
export interface QueryService {
  readonly protocol: "query";
  readonly xmlNamespace: string;
  readonly operations: Operations;
}

/** One method and path of a REST service; the path's groups are the arguments. */
export interface RestRoute {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (pathArguments: readonly string[], call: AwsCall) => AwsReply | Promise<AwsReply>;
}

/** A service that is addressed by paths. */
export interface RestService {
  readonly protocol: "rest";
  readonly routes: readonly RestRoute[];
  /** What the body of an error holds; its message when missing. */
  readonly errorMembers?: (error: AwsError) => object;
}

/** A service of the endpoint, in the protocol that its clients speak. */
export type AwsService = JsonService | QueryService | RestService;

/**
 * The Region in the credential scope of a signed call; `undefined` when it is not signed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function credentialRegion({ headers }: AwsCall): string | undefined {
  return /\bCredential=[^/,\s]+\/\d{8}\/([^/,\s]+)\//.exec(headers.authorization ?? "")?.[1];
}

/** A page of a list; `NextToken` is there while more follows. */
export interface NumberedPage<Item> {
  readonly items: readonly Item[];
  readonly NextToken?: string;
}

/** Which page: where it begins, by the token of the page before, and how long it is at most. */
interface PageAsked {
  /** The first page when missing or empty. */
  readonly token: unknown;
  readonly size: number;
}

/**
 * A page of a list whose tokens are the places at which pages begin; `undefined` for a token that is none.
 */
export function numberedPage<Item>(
  all: readonly Item[],
  { token, size }: PageAsked,
): NumberedPage<Item> | undefined {
  const start = Number(token ?? 0);
  if (!Number.isInteger(start) || start < 0) return undefined;
  const end = start + size;
  return { items: all.slice(start, end), ...(end < all.length && { NextToken: String(end) }) };
}
