import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";

/** The parameter as it stands in the store. */
export interface StoredToken {
  /** `SecureString`, unless somebody made the parameter otherwise. */
  readonly type: string;
  readonly value: string;
  /** Epoch milliseconds of the last write. */
  readonly modifiedMs: number;
  /** Grows by one with every write. */
  readonly version: number;
}

/** The one parameter that the rotation function may read and write. */
export interface TokenParameter {
  /** The newest version, or the one that is asked for; `undefined` when there is none. */
  readonly read: (version?: number) => Promise<StoredToken | undefined>;
  /** Makes it as a SecureString; leaves alone what somebody else made meanwhile. */
  readonly create: (value: string) => Promise<void>;
  /** Writes over it in one step, and answers the version that it made. */
  readonly replace: (value: string) => Promise<number>;
}

/** The token parameter in SSM; without a key of its own it is encrypted with the account's default key, `alias/aws/ssm`. */
export function ssmTokenParameter(client: Pick<SSMClient, "send">, name: string): TokenParameter {
  const secret = (value: string) => ({ Name: name, Type: "SecureString", Value: value }) as const;
  return {
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
    read: (version) => readStoredToken(client, version === undefined ? name : `${name}:${version}`),
    create: async (value) => {
      try {
        await client.send(new PutParameterCommand(secret(value)));
      } catch (error) {
        if (!(error instanceof ParameterAlreadyExists)) throw error;
      }
    },
    replace: async (value) => {
      const { Version } = await client.send(new PutParameterCommand({ ...secret(value), Overwrite: true }));
      return Version ?? 0;
    },
  };
}

async function readStoredToken(
  client: Pick<SSMClient, "send">,
  name: string,
): Promise<StoredToken | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return {
      type: Parameter?.Type ?? "",
      value: Parameter?.Value ?? "",
      modifiedMs: Parameter?.LastModifiedDate?.getTime() ?? 0,
      version: Parameter?.Version ?? 0,
    };
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}
