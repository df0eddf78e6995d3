/** One measured value. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/**
 * A measurement that README or a document quotes; a file `bench/<topic>-<what>.ts` exports one as `bench`.
 */
export interface Bench {
  /** What is measured against what, in one sentence. */
  readonly description: string;
  readonly run: () => Promise<readonly Figure[]>;
}
