/** Runs work and times it under a name. */
export type Span = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** The trace of one request. */
export interface Traced {
  /** Missing when the request is not traced. */
  readonly traceId?: string;
  readonly span: Span;
  /** Sends what was timed; it never rejects. */
  readonly end: () => Promise<void>;
}

/** Begins the trace of a request. */
export type Trace = () => Traced;

/** A request that is not traced costs nothing. */
export const UNTRACED: Traced = {
  span: (_name, work) => work(),
  end: () => Promise.resolve(),
};
