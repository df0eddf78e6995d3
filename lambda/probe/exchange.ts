/** How far a question came: each word is the step that did not end. */
export type Reached = "lookup" | "connect" | "handshake" | "answer" | "done";

/** What the network showed of one question; what it did not reach is missing. */
export interface Travel {
  readonly reached: Reached;
  readonly latencyMs: number;
  readonly lookupMs?: number;
  readonly connectMs?: number;
  readonly handshakeMs?: number;
  readonly firstByteMs?: number;
  /** Address that the name led to. */
  readonly address?: string;
  /** For example `TLSv1.3`; missing without TLS. */
  readonly tlsProtocol?: string;
}

/** An answer as it came, header names in lower case. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What became of a question on the network. */
export type Exchanged = { readonly travel: Travel } & (
  | { readonly answered: Answered }
  /** Node's code of the error, never its message. */
  | { readonly broken: string }
  | { readonly timedOut: true }
);

/** The question of a try. */
export interface Asking {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** When the question is given up, in milliseconds from now. */
  readonly withinMs: number;
}

/** POSTs a question over a connection of its own; whatever happens is a value. */
export type Exchange = (asking: Asking) => Promise<Exchanged>;
