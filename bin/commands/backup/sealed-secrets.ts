import { createCipheriv, createDecipheriv, randomBytes, scrypt, type ScryptOptions } from "node:crypto";
import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { Failure } from "../../cli/failure.ts";

/** What scrypt was run with; `N` is the cost, `salt` base64. */
interface KeyDerivation {
  readonly name: "scrypt";
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
}

/**
 * Secrets under a passphrase, as they stand in `secrets.json`; bytes are base64. docs/backup.md has the
 * format.
 */
export interface SealedSecrets {
  readonly format: "wrist-agent-secrets";
  readonly version: 1;
  readonly kdf: KeyDerivation;
  readonly cipher: { readonly name: "aes-256-gcm"; readonly nonce: string; readonly tag: string };
  readonly ciphertext: string;
}

/** 128 MiB and half a second for each guess. https://www.rfc-editor.org/rfc/rfc7914 */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;

/** What a file may ask of this machine: four times the cost above. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;
const MAX_PARALLEL = 4;

/** Below this a passphrase is guessed, whatever scrypt costs. */
export const MIN_PASSPHRASE_CHARACTERS = 12;

/** Encrypts a text; it opens with the same passphrase and beside the same `bound` alone. */
export async function sealSecrets(text: string, passphrase: string, bound: string): Promise<SealedSecrets> {
  const kdf: KeyDerivation = { name: "scrypt", ...COST, salt: randomBytes(16).toString("base64") };
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", await derivedKey(passphrase, kdf), nonce);
  cipher.setAAD(boundBytes(kdf, bound));
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return {
    format: "wrist-agent-secrets",
    version: 1,
    kdf,
    cipher: {
      name: "aes-256-gcm",
      nonce: nonce.toString("base64"),
      tag: cipher.getAuthTag().toString("base64"),
    },
    ciphertext: ciphertext.toString("base64"),
  };
}

/**
 * The text again. Throws {@link Failure} for another passphrase, another `bound` and anything that is no
 * sealed secret.
 */
export async function openSecrets(sealed: unknown, passphrase: string, bound: string): Promise<string> {
  const { kdf, cipher, ciphertext } = checkedSecrets(sealed);
  const key = await derivedKey(passphrase, kdf);
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(cipher.nonce, "base64"), {
    authTagLength: 16,
  });
  decipher.setAAD(boundBytes(kdf, bound));
  try {
    decipher.setAuthTag(Buffer.from(cipher.tag, "base64"));
    const bytes = Buffer.from(ciphertext, "base64");
    return Buffer.concat([decipher.update(bytes), decipher.final()]).toString("utf8");
  } catch (error) {
    throw new Failure(
      "the secrets do not open: the passphrase is another one, or a file of the backup was changed since it was made",
      { cause: error },
    );
  }
}

function checkedSecrets(sealed: unknown): SealedSecrets {
  const fault = sealedFault(sealed);
  if (fault !== undefined) throw new Failure(`secrets.json cannot be opened: ${fault}`);
  return sealed as SealedSecrets;
}

function sealedFault(sealed: unknown): string | undefined {
  if (!isJsonObject(sealed) || sealed.format !== "wrist-agent-secrets")
    return 'its format is not "wrist-agent-secrets"';
  if (sealed.version !== 1) return `its version is ${JSON.stringify(sealed.version)}, and 1 is read here`;
  const { kdf, cipher } = sealed;
  if (!isJsonObject(kdf) || kdf.name !== "scrypt" || typeof kdf.salt !== "string")
    return "its key is not derived by scrypt";
  if (!isAffordable(kdf)) return "scrypt's N, r and p ask for more than 512 MiB, or make no sense";
  if (!isJsonObject(cipher) || cipher.name !== "aes-256-gcm" || typeof sealed.ciphertext !== "string")
    return "its cipher is not aes-256-gcm";
  if (bytesIn(cipher.nonce) !== 12 || bytesIn(cipher.tag) !== 16)
    return "its nonce is not of 12 bytes, or its tag not of 16";
  return undefined;
}

/** A file from elsewhere must not take all of this machine's memory. */
function isAffordable({ N, r, p }: Readonly<Record<string, unknown>>): boolean {
  const numbers = [N, r, p].every((each) => typeof each === "number" && Number.isInteger(each) && each > 0);
  if (!numbers) return false;
  const [cost, block, parallel] = [Number(N), Number(r), Number(p)];
  return (
    128 * cost * block <= MAX_MEMORY_BYTES && parallel <= MAX_PARALLEL && Number.isInteger(Math.log2(cost))
  );
}

function bytesIn(base64: unknown): number {
  return typeof base64 === "string" ? Buffer.from(base64, "base64").length : 0;
}

/** What the tag vouches for besides the secrets. */
function boundBytes({ N, r, p, salt }: KeyDerivation, bound: string): Buffer {
  return Buffer.from(["wrist-agent-secrets", 1, "scrypt", N, r, p, salt, bound].join(" "), "utf8");
}

function derivedKey(passphrase: string, { N, r, p, salt }: KeyDerivation): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 2 * MAX_MEMORY_BYTES };
  return new Promise((resolve, reject) =>
    // The same letters typed on another keyboard are the same passphrase.
    scrypt(passphrase.normalize("NFKC"), Buffer.from(salt, "base64"), 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    ),
  );
}
