import { describe, expect, test } from "vitest";
import {
  openSecrets,
  type SealedSecrets,
  sealSecrets,
} from "../../../../bin/commands/backup/sealed-secrets.ts";

const PASSPHRASE = "correct horse battery staple";
const BOUND = "production us-west-2 111122223333 2026-11-29T12:00:00.000Z abc";
const NOT_OPEN =
  /the secrets do not open: the passphrase is another one, or a file of the backup was changed/;

/**
 * Made with Python's hashlib.scrypt and the package cryptography, with a cost that a test can pay: the format
 * is what docs/backup.md says, and not merely what this program happens to read again.
 */
const SEALED: SealedSecrets = {
  format: "wrist-agent-secrets",
  version: 1,
  kdf: { name: "scrypt", N: 1024, r: 8, p: 1, salt: "AAECAwQFBgcICQoLDA0ODw==" },
  cipher: { name: "aes-256-gcm", nonce: "AAECAwQFBgcICQoL", tag: "5CEvbmiXvYwoVgD44kk2cw==" },
  ciphertext: "SOSFeu1CDbIJPnqNIek=",
};

describe("secrets under a passphrase", () => {
  test("open with the same passphrase, beside the same files", async () => {
    const sealed = await sealSecrets("the token", PASSPHRASE, BOUND);
    expect(sealed).toMatchObject({ kdf: { N: 131_072, r: 8, p: 1 }, cipher: { name: "aes-256-gcm" } });
    expect(JSON.stringify(sealed)).not.toContain("the token");
    await expect(openSecrets(sealed, PASSPHRASE, BOUND)).resolves.toBe("the token");
    // What somebody types on another system.
    const composed = await sealSecrets("the token", "caf\u00e9 and four words", BOUND);
    await expect(openSecrets(composed, "cafe\u0301 and four words", BOUND)).resolves.toBe("the token");
  });

  test("are those of the documented format", async () => {
    await expect(openSecrets(SEALED, PASSPHRASE, BOUND)).resolves.toBe("made elsewhere");
  });

  test.each<[string, { sealed?: SealedSecrets; passphrase?: string; bound?: string }]>([
    ["another passphrase", { passphrase: "correct horse battery stable" }],
    ["another backup's files", { bound: `${BOUND}d` }],
    ["another ciphertext", { sealed: { ...SEALED, ciphertext: flipped(SEALED.ciphertext) } }],
    ["another salt", { sealed: { ...SEALED, kdf: { ...SEALED.kdf, salt: flipped(SEALED.kdf.salt) } } }],
    ["another tag", { sealed: { ...SEALED, cipher: { ...SEALED.cipher, tag: flipped(SEALED.cipher.tag) } } }],
  ])("do not open with %s", async (_what, { sealed = SEALED, passphrase = PASSPHRASE, bound = BOUND }) => {
    await expect(openSecrets(sealed, passphrase, bound)).rejects.toThrow(NOT_OPEN);
  });

  test.each<[string, unknown, RegExp]>([
    ["no object", "text", /its format is not "wrist-agent-secrets"/],
    ["a later version", { ...SEALED, version: 2 }, /its version is 2, and 1 is read here/],
    ["another key derivation", { ...SEALED, kdf: { name: "pbkdf2", salt: "" } }, /not derived by scrypt/],
    ["a cost of 16 GiB", { ...SEALED, kdf: { ...SEALED.kdf, N: 2 ** 24 } }, /more than 512 MiB/],
    ["a cost that is no power of two", { ...SEALED, kdf: { ...SEALED.kdf, N: 1000 } }, /make no sense/],
    ["a hundred lanes", { ...SEALED, kdf: { ...SEALED.kdf, p: 100 } }, /make no sense/],
    ["another cipher", { ...SEALED, cipher: { name: "aes-256-cbc" } }, /its cipher is not aes-256-gcm/],
    [
      "a shorter tag, which would be easier to forge",
      { ...SEALED, cipher: { ...SEALED.cipher, tag: "AAAA" } },
      /its tag not of 16/,
    ],
  ])("are refused where they are %s", async (_what, sealed, reason) => {
    await expect(openSecrets(sealed, PASSPHRASE, BOUND)).rejects.toThrow(reason);
  });
});

function flipped(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return bytes.toString("base64");
}
