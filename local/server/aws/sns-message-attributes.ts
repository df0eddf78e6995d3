import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { MessageAttribute } from "@wrist-agent/cloudwatch/notifications/filter-policy";
import { AwsError, type Input } from "./service.ts";

const MAX_NAME_BYTES = 256;

/**
 * The attributes of a message, checked. https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export function messageAttributes({ MessageAttributes }: Input): Readonly<Record<string, MessageAttribute>> {
  if (!isJsonObject(MessageAttributes)) return {};
  return Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, value]) => {
      checkName(name);
      return [name, messageAttribute(name, isJsonObject(value) ? value : {})];
    }),
  );
}

/** What attributes add to the size of a message. */
export function messageAttributesBytes(attributes: Readonly<Record<string, MessageAttribute>>): number {
  return Object.entries(attributes).reduce((bytes, [name, { type, value }]) => {
    const held = type.startsWith("Binary") ? Buffer.from(value, "base64").length : Buffer.byteLength(value);
    return bytes + Buffer.byteLength(name) + Buffer.byteLength(type) + held;
  }, 0);
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw invalidAttribute("Length of message attribute name must be less than 256 bytes.");
  const [strange] = /[^\w.-]/.exec(name) ?? [];
  if (strange !== undefined)
    throw invalidAttribute(
      `Invalid non-alphanumeric character '#x${(strange.codePointAt(0) ?? 0).toString(16).toUpperCase()}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  if (name.startsWith("."))
    throw invalidAttribute("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith("."))
    throw invalidAttribute("Invalid message attribute name ending with character '.' was found.");
  if (name.includes(".."))
    throw invalidAttribute("Message attribute name can not have successive '.' character.");
}

/** The field that holds the value of each type. */
const FIELDS: Readonly<Record<string, "String" | "Binary">> = {
  String: "String",
  Number: "String",
  Binary: "Binary",
};

function messageAttribute(name: string, written: Readonly<Record<string, unknown>>): MessageAttribute {
  const { DataType: type } = written;
  if (typeof type !== "string" || type === "")
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value null at 'messageAttributes.${name}.member.dataType' failed to satisfy constraint: Member must not be null`,
    );
  const [prefix = ""] = type.split(".");
  const field = Object.hasOwn(FIELDS, prefix) ? FIELDS[prefix] : undefined;
  if (field === undefined)
    throw invalidAttribute(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const other = field === "String" ? "Binary" : "String";
  if (isGiven(written[`${other}Value`]) && !isGiven(written[`${field}Value`]))
    throw invalidAttribute(`The message attribute '${name}' with type '${type}' must use field '${field}'.`);
  const value = written[`${field}Value`];
  if (!isGiven(value))
    throw invalidAttribute(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  if (prefix === "Number" && !Number.isFinite(Number(value)))
    throw invalidAttribute(`Could not cast message attribute '${name}' value to number.`);
  return { type, value };
}

function isGiven(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function invalidAttribute(message: string): AwsError {
  return new AwsError("ParameterValueInvalid", message);
}
