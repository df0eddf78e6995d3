/** A range of addresses of one family. */
export interface CidrRange {
  readonly bits: 32 | 128;
  readonly prefix: bigint;
  readonly prefixLength: number;
}

/** Reads `10.0.0.0/24` or `2001:db8::/32`; a text is what SNS says of one that it refuses. */
export function parseCidr(text: string): CidrRange | string {
  const [address = "", length, ...others] = text.split("/");
  if (length === undefined || others.length > 0) return "Malformed CIDR, one '/' required";
  const parsed = parseAddress(address);
  if (!/^\d+$/.test(length)) return "Malformed CIDR, mask bits must be an integer";
  if (parsed === undefined) return `Nonstandard IP address: ${address}`;
  const prefixLength = Number(length);
  if (prefixLength > parsed.bits) return `Malformed CIDR, mask bits must not be over ${parsed.bits}`;
  return { bits: parsed.bits, prefixLength, prefix: parsed.value >> BigInt(parsed.bits - prefixLength) };
}

/** Whether an address is one of a range. */
export function inCidr(address: string, { bits, prefix, prefixLength }: CidrRange): boolean {
  const parsed = parseAddress(address);
  return parsed?.bits === bits && parsed.value >> BigInt(bits - prefixLength) === prefix;
}

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function parseAddress(text: string): Address | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return undefined;
  return { bits: 32, value: joined(parts.map(BigInt), 8n) };
}

function parseIpv6(text: string): Address | undefined {
  const [head = "", tail, ...others] = text.split("::");
  if (others.length > 0) return undefined;
  const groups = (half: string): readonly string[] => (half === "" ? [] : half.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...before, ...Array<string>(Math.max(missing, 0)).fill("0"), ...after];
  if (!all.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return {
    bits: 128,
    value: joined(
      all.map((group) => BigInt(`0x${group}`)),
      16n,
    ),
  };
}

function joined(parts: readonly bigint[], width: bigint): bigint {
  return parts.reduce((value, part) => (value << width) | part, 0n);
}

/** The family of an address; `undefined` for a text that is none. */
export function addressKind(text: string): "ipv4" | "ipv6" | undefined {
  const bits = parseAddress(text)?.bits;
  return bits === undefined ? undefined : bits === 32 ? "ipv4" : "ipv6";
}
