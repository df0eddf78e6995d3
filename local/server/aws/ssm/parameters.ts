/** A parameter of the Parameter Store. */
export interface Parameter {
  readonly region: string;
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly modifiedMs: number;
}

/** What a value is; a list is one text with commas. */
export const PARAMETER_TYPES = ["String", "StringList", "SecureString"] as const;

/** One of {@link PARAMETER_TYPES}. */
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** Where parameters are kept, each Region's apart. */
export interface Parameters {
  find(region: string, name: string): Parameter | undefined;
  /** In the order of their names. */
  list(region: string): readonly Parameter[];
  /** Creates or replaces, and gives what is kept now. */
  put(parameter: Pick<Parameter, "region" | "name" | "type" | "value">): Parameter;
  /** Whether there was one. */
  delete(region: string, name: string): boolean;
}
