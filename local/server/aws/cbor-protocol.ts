import type { cbor as cborType } from "@smithy/core/cbor";
import { errorMembers, errorStatus, errorType, queryErrorHeader } from "./json-protocol.ts";
import { type AwsCall, AwsError, type AwsReply, type Input, type JsonService } from "./service.ts";
import { presentMembers, type OperationShapes, type Shape, type Structure } from "./shapes.ts";

const PATH = /^\/service\/([^/]+)\/operation\/([^/]+)$/;
const HEADERS = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" } as const;

/** The service and operation that a call of this protocol names in its path. */
export function cborTarget(call: AwsCall): readonly [service: string, operation: string] | undefined {
  if (call.headers["smithy-protocol"] !== "rpc-v2-cbor") return undefined;
  const [, service, operation] = PATH.exec(call.path) ?? [];
  return service === undefined || operation === undefined ? undefined : [service, operation];
}

/** Reads what clients send. */
type Cbor = Pick<typeof cborType, "deserialize">;

/** @see https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
export async function answerCbor(service: JsonService, name: string, call: AwsCall): Promise<AwsReply> {
  // A tenth of what there is to load at a start, and asked by few clients.
  const { cbor } = await import("@smithy/core/cbor");
  try {
    const shapes = service.model?.shapes.get(name);
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (operation === undefined || shapes === undefined)
      throw new AwsError("UnknownOperationException", "", 404);
    const output = await operation(cborInput(shapes, call.body, cbor), call);
    return { status: 200, headers: HEADERS, body: outputBytes(shapes, output) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const body = { __type: errorType(service, error), ...errorMembers(error) };
    return {
      status: errorStatus(error, call),
      headers: { ...HEADERS, ...queryErrorHeader(service, error, call) },
      body: Buffer.from(cbor.serialize(body)),
    };
  }
}

function cborInput({ input }: OperationShapes, body: Buffer, cbor: Cbor): Input {
  if (body.length === 0) return {};
  return canonical(input, decoded(body, cbor)) as Input;
}

function decoded(body: Buffer, cbor: Cbor): unknown {
  try {
    return cbor.deserialize(body);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AwsError("SerializationException", `the body is not CBOR: ${why}`);
  }
}

/** A tagged time becomes epoch seconds, as JSON has it; all else stays for the operation to check. */
function canonical(shape: Shape, value: unknown): unknown {
  if (shape.kind === "timestamp") return epochSeconds(value);
  if (shape.kind === "list" && Array.isArray(value)) return value.map((item) => canonical(shape.item, item));
  if (shape.kind !== "structure" || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    presentMembers(shape, value).map(([name, member, held]) => [name, canonical(member, held)]),
  );
}

function epochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  const tagged = value as { readonly tag?: unknown; readonly value?: unknown } | null;
  return typeof value === "object" && tagged?.tag === 1 ? Number(tagged.value) : value;
}

function outputBytes({ output }: OperationShapes, value: object): Buffer {
  if (output === undefined) return Buffer.alloc(0);
  const writer = new CborWriter();
  writer.write(output, value);
  return writer.bytes();
}

const BYTES = 2;
const TEXT = 3;
/** Lists and maps of any length, ended by a break, as AWS writes them. */
const LIST = 0x9f;
const MAP = 0xbf;
const BREAK = 0xff;
const EPOCH_TAG = 0xc1;
const DOUBLE = 0xfb;

/**
 * Writes by shape: the libraries write a double without a fraction as an integer, which a typed client
 * refuses. https://www.rfc-editor.org/rfc/rfc8949#name-specification-of-the-cbor-e
 */
class CborWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  write(shape: Shape, value: unknown): void {
    if (shape.kind === "structure") this.#structure(shape, value as object);
    else if (shape.kind === "list") this.#list(shape.item, value as readonly unknown[]);
    else if (shape.kind === "map") this.#map(shape.value, value as Readonly<Record<string, unknown>>);
    else if (shape.kind === "string") this.#text(value as string);
    else if (shape.kind === "blob") this.#blob(value as Buffer);
    else if (shape.kind === "boolean") this.#byte(value === true ? 0xf5 : 0xf4);
    else if (shape.kind === "integer") this.#integer(value as number);
    else {
      if (shape.kind === "timestamp") this.#byte(EPOCH_TAG);
      this.#double(value as number);
    }
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #structure(shape: Structure, value: object): void {
    this.#byte(MAP);
    for (const [name, member, held] of presentMembers(shape, value)) {
      this.#text(name);
      this.write(member, held);
    }
    this.#byte(BREAK);
  }

  #list(item: Shape, values: readonly unknown[]): void {
    this.#byte(LIST);
    for (const value of values) this.write(item, value);
    this.#byte(BREAK);
  }

  #map(shape: Shape, value: Readonly<Record<string, unknown>>): void {
    this.#byte(MAP);
    for (const [name, held] of Object.entries(value)) {
      if (held === undefined) continue;
      this.#text(name);
      this.write(shape, held);
    }
    this.#byte(BREAK);
  }

  #blob(bytes: Buffer): void {
    this.#head(BYTES, bytes.length);
    this.#reserve(bytes.length);
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text);
    this.#head(TEXT, length);
    this.#reserve(length);
    this.#length += this.#buffer.write(text, this.#length, "utf8");
  }

  #integer(value: number): void {
    if (value < 0) this.#head(1, -1 - value);
    else this.#head(0, value);
  }

  #double(value: number): void {
    this.#byte(DOUBLE);
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleBE(value, this.#length);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(value, this.#length);
  }

  /** The type and the length or value of an item. */
  #head(major: number, count: number): void {
    this.#reserve(9);
    const type = major << 5;
    if (count < 24) {
      this.#byte(type | count);
      return;
    }
    const [size, code] =
      count < 0x100 ? [1, 24] : count < 0x10000 ? [2, 25] : count < 2 ** 32 ? [4, 26] : [8, 27];
    this.#byte(type | code);
    if (size === 8) this.#length = this.#buffer.writeBigUInt64BE(BigInt(count), this.#length);
    else this.#length = this.#buffer.writeUIntBE(count, this.#length, size);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
