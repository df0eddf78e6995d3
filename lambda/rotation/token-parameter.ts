/** The parameter as it stands in the store. */
export interface StoredToken {
  /** `SecureString`, unless somebody made the parameter otherwise. */
  readonly type: string;
  readonly value: string;
  /** Epoch milliseconds of the last write. */
  readonly modifiedMs: number;
}

/** The one parameter that the rotation function may read and write. */
export interface TokenParameter {
  /** `undefined` when there is none. */
  readonly read: () => Promise<StoredToken | undefined>;
  /** Makes it as a SecureString; leaves alone what somebody else made meanwhile. */
  readonly create: (value: string) => Promise<void>;
  /** Writes over it in one step. */
  readonly replace: (value: string) => Promise<void>;
}
